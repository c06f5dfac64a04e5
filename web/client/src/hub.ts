import { connect } from "./connect.ts";
import type { Envelope, NoTypes, StreamEvent } from "./events.ts";
import type { Feed, FeedListener } from "./feed.ts";
import { filterOf, isEmpty, sendable, union } from "./filter.ts";
import { LocalFeed, type Open } from "./local-feed.ts";
import { type Host, Member, type OpenSide } from "./member.ts";
import type { BridgeOptions, Start, Where } from "./options.ts";
import { CONNECTING, type Status } from "./status.ts";
import type { Subscription } from "./subscription.ts";
import { TabsFeed, tabsAreShared } from "./tabs-feed.ts";

/** An event whose agent, job and time are known. */
export type HubEvent<Custom = NoTypes> = StreamEvent<Custom> & Required<Envelope>;

export interface HubOptions extends BridgeOptions {
  /**
   * Share the connection with all tabs that are given the same name here. Everything that one
   * tab may see, the others get: give each user a name of their own.
   * Where the browser cannot (Web Locks need HTTPS or localhost), each tab has its own.
   */
  tabs?: string;
  /** What elects the tab that has the connection. Default: `navigator.locks`. */
  locks?: LockManager;
}

/**
 * Many subscriptions over one connection to the bridge.
 *
 * The connection is open while there is a subscription. What a subscription wants of the past
 * comes over a connection of its own, which is closed when it has met the common one.
 */
export class Hub {
  readonly options: HubOptions;
  readonly #members = new Set<Member>();
  readonly #statusListeners = new Set<(status: Status) => void>();
  readonly #feed: Feed;
  readonly #host: Host;
  #status: Status = CONNECTING;

  constructor(options: HubOptions = {}) {
    this.options = options;
    const openSide: OpenSide = (filter, start) =>
      connect({ ...options, ...sendable(filter), ...start, format: "cloudevents" });
    this.#host = {
      enter: (member) => this.#enter(member),
      leave: (member) => this.#leave(member),
      openSide,
      feedStatus: () => this.#status,
    };
    this.#feed = makeFeed(options, (filter, lastEventId) => openSide(filter, { lastEventId }), {
      covered: (filter, cursor) => this.#each((member) => member.covered(filter, cursor)),
      batch: (batch) => this.#each((member) => member.batch(batch)),
      status: (status) => this.#tell(status),
    });
  }

  /** How the common connection is doing. */
  get status(): Status {
    return this.#status;
  }

  /** Hear the status of the common connection: now, and whenever it changes. */
  onStatus(listener: (status: Status) => void): () => void {
    this.#statusListeners.add(listener);
    listener(this.#status);
    return () => this.#statusListeners.delete(listener);
  }

  /** Watch some events. It begins when somebody listens. */
  subscribe<Custom = NoTypes>(wanted: Where & Start = {}): Subscription<HubEvent<Custom>> {
    const member = new Member(filterOf(wanted), wanted, this.#host);
    return member as unknown as Subscription<HubEvent<Custom>>;
  }

  /** Do not wait any longer for the next attempt. */
  reconnect(): void {
    this.#feed.reconnect();
  }

  /** End all subscriptions, and the connection. */
  close(): void {
    this.#each((member) => member.close());
    this.#feed.close();
  }

  #enter(member: Member): void {
    if (this.#members.has(member)) return;
    this.#members.add(member);
    if (this.#status.state === "ended") this.#tell(CONNECTING);
    member.feedStatus(this.#status);
    this.#want();
  }

  #leave(member: Member): void {
    if (this.#members.delete(member)) this.#want();
  }

  #want(): void {
    const filters = [...this.#members].map(({ filter }) => filter).filter((it) => !isEmpty(it));
    this.#feed.want(filters.length ? union(filters) : undefined);
  }

  #tell(status: Status): void {
    if (status === this.#status) return;
    this.#status = status;
    for (const listener of this.#statusListeners) listener(status);
    this.#each((member) => member.feedStatus(status));
  }

  #each(visit: (member: Member) => void): void {
    for (const member of [...this.#members]) visit(member);
  }
}

function makeFeed({ tabs, locks }: HubOptions, open: Open, listener: FeedListener): Feed {
  if (tabs !== undefined && tabsAreShared(locks)) return new TabsFeed(tabs, open, listener, locks);
  return new LocalFeed(open, listener);
}
