import type { Batch, Feed, FeedListener } from "./feed.ts";
import { type Filter, isEmpty, NOTHING, union } from "./filter.ts";
import { LocalFeed, type Open } from "./local-feed.ts";
import { CONNECTING, type Status } from "./status.ts";

/** What tabs tell each other. */
type Message =
  /** The leader is new: say what you want. */
  | { kind: "lead" }
  | { kind: "want"; tab: string; filter: Filter | undefined }
  | { kind: "wake" }
  | { kind: "covered"; filter: Filter; cursor: number }
  | { kind: "batch"; batch: Batch }
  | { kind: "status"; status: Status };

/** True if this browser can elect one tab among many. */
export function tabsAreShared(locks = ownLocks()): boolean {
  return locks !== undefined && typeof BroadcastChannel !== "undefined";
}

/**
 * The feed of one tab for all tabs of the same name.
 *
 * The tab that holds the lock leads: it has the connection, and tells the others what comes.
 * When it goes away the next one has the lock, and goes on after the last id that it was told.
 */
export class TabsFeed implements Feed {
  readonly #name: string;
  readonly #open: Open;
  readonly #listener: FeedListener;
  readonly #locks: LockManager;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  readonly #tab = crypto.getRandomValues(new Uint32Array(4)).join("-");
  /** What is wanted here, and what the feed brings, after which id. */
  #wanted: Filter | undefined;
  #filter = NOTHING;
  #cursor: number | undefined;
  #alive = false;
  /** Of the leader alone: the connection, and what each tab wants. */
  #local: LocalFeed | undefined;
  #status: Status = CONNECTING;
  readonly #wants = new Map<string, Filter>();
  readonly #watched = new Set<string>();

  constructor(name: string, open: Open, listener: FeedListener, locks = ownLocks() as LockManager) {
    this.#name = `jetbridge:${name}`;
    this.#open = open;
    this.#listener = listener;
    this.#locks = locks;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#hold(this.#lockOf(this.#tab), () => this.#live());
    this.#hold(this.#name, () => this.#lead());
  }

  want(filter: Filter | undefined): void {
    this.#wanted = filter;
    if (this.#alive) this.#say({ kind: "want", tab: this.#tab, filter });
  }

  reconnect(): void {
    this.#say({ kind: "wake" });
  }

  close(): void {
    this.want(undefined);
    this.#local?.close();
    this.#closing.abort();
    this.#channel.close();
  }

  /** From now on the others can tell by a lock whether this tab is still there. */
  #live(): void {
    this.#alive = true;
    this.want(this.#wanted);
  }

  #lead(): void {
    const tell = (message: Message) => this.#say(message);
    const listener: FeedListener = {
      covered: (filter, cursor) => tell({ kind: "covered", filter, cursor }),
      batch: (batch) => tell({ kind: "batch", batch }),
      status: (status) => tell({ kind: "status", status }),
    };
    this.#local = new LocalFeed(this.#open, listener, this.#cursor);
    this.#say({ kind: "lead" });
  }

  /** Tell it to all tabs, this one included. */
  #say(message: Message): void {
    if (this.#closing.signal.aborted) return;
    this.#channel.postMessage(message);
    this.#hear(message);
  }

  #hear(message: Message): void {
    if (message.kind === "lead") this.want(this.#wanted);
    else if (message.kind === "want") this.#note(message.tab, message.filter);
    else if (message.kind === "wake") this.#local?.reconnect();
    else if (message.kind === "covered") this.#covered(message.filter, message.cursor);
    else if (message.kind === "batch") this.#batch(message.batch);
    else this.#tell(message.status);
  }

  #tell(status: Status): void {
    this.#status = status;
    this.#listener.status(status);
  }

  /** As the leader: what a tab wants, until it is gone. */
  #note(tab: string, filter: Filter | undefined): void {
    if (!this.#local) return;
    this.#watch(tab);
    if (filter) this.#wants.set(tab, filter);
    else this.#wants.delete(tab);
    this.#local.want(this.#wants.size ? union([...this.#wants.values()]) : undefined);
    this.#say({ kind: "status", status: this.#status });
  }

  #watch(tab: string): void {
    if (tab === this.#tab || this.#watched.has(tab)) return;
    this.#watched.add(tab);
    this.#request(this.#lockOf(tab), () => this.#note(tab, undefined));
  }

  #covered(filter: Filter, cursor: number): void {
    this.#filter = filter;
    if (isEmpty(filter)) this.#cursor = undefined;
    else this.#skipTo(cursor);
    this.#listener.covered(filter, this.#cursor ?? 0);
  }

  #batch(batch: Batch): void {
    this.#skipTo(batch.after);
    this.#cursor = batch.upto;
    this.#listener.batch(batch);
  }

  /** What comes next comes after this id. If that leaves a hole, everybody has to catch up. */
  #skipTo(after: number): void {
    if (this.#cursor !== undefined && after > this.#cursor) {
      this.#listener.covered(NOTHING, 0);
      this.#listener.covered(this.#filter, after);
    }
    this.#cursor = Math.max(after, this.#cursor ?? 0);
  }

  #lockOf(tab: string): string {
    return `${this.#name}:${tab}`;
  }

  /** Have a lock until this feed is closed. */
  #hold(name: string, held: () => void): void {
    const { signal } = this.#closing;
    this.#request(name, () => {
      held();
      return new Promise((resolve) => signal.addEventListener("abort", resolve));
    });
  }

  #request(name: string, held: () => unknown): void {
    const { signal } = this.#closing;
    const granted = async () => signal.aborted || held();
    this.#locks.request(name, { signal }, granted).catch(() => {});
  }
}

function ownLocks(): LockManager | undefined {
  return globalThis.navigator?.locks;
}
