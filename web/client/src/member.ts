import { isControl } from "./control.ts";
import type { EventStream } from "./event-stream.ts";
import type { AnyItem, StreamEvent } from "./events.ts";
import type { Batch } from "./feed.ts";
import { covers, type Filter, isEmpty, matcher } from "./filter.ts";
import type { Start } from "./options.ts";
import type { Ended, Status } from "./status.ts";
import { Subscription } from "./subscription.ts";

/** Opens a stream of its own for a member that is not where the feed is. */
export type OpenSide = (filter: Filter, start: Start) => EventStream<StreamEvent>;

/** What a member needs of its hub. */
export interface Host {
  feedStatus(): Status;
  enter(member: Member): void;
  leave(member: Member): void;
  openSide: OpenSide;
}

/**
 * One subscription to a hub.
 *
 *     WAITING ── the feed brings what it wants ──► LIVE ── hole, or slow loop ──┐
 *        │                                          ▲                           │
 *        └── it wants the past ──► CATCHING UP ─────┘◄──────────────────────────┘
 *
 * To catch up it has a stream of its own, until it has met the feed.
 */
export class Member extends Subscription<StreamEvent> {
  readonly filter: Filter;
  readonly #matches: (event: AnyItem) => boolean;
  readonly #host: Host;
  readonly #start: Start;
  #state: "waiting" | "catching" | "live" | "ended" = "waiting";
  #side: EventStream<StreamEvent> | undefined;
  #cursor: number | undefined;
  /** Where the feed is, as far as this member is concerned: up to there it must catch up. */
  #goal = Number.POSITIVE_INFINITY;

  constructor(filter: Filter, start: Start, host: Host) {
    super();
    this.filter = filter;
    this.#matches = matcher(filter);
    this.#start = isEmpty(filter) ? {} : start;
    this.#host = host;
    this.#cursor = start.lastEventId;
  }

  get cursor(): number | undefined {
    return this.#cursor;
  }

  close(): void {
    this.#end({ state: "ended", reason: "closed", error: null });
  }

  /** The feed brings everything that `filter` lets through after `cursor`. */
  covered(filter: Filter, cursor: number): void {
    if (!covers(filter, this.filter)) {
      this.#goal = Number.POSITIVE_INFINITY;
      if (this.#state === "live") this.#state = "waiting";
      return;
    }
    if (this.#goal === Number.POSITIVE_INFINITY) this.#goal = cursor;
    if (this.#state === "waiting") this.#place();
    else this.#meet();
  }

  /** Take what the feed brings, or take note of what is missed of it. */
  batch({ items, upto }: Batch): void {
    for (const item of items) {
      if (item.type === "gap" && item.id < (this.#cursor ?? 0)) this.#rewind(item.id);
      if (item.type !== "gap" && !this.#matches(item)) continue;
      if (this.#state === "live") this.#take(item);
      else if (this.#goal !== Number.POSITIVE_INFINITY) this.#goal = item.id;
    }
    if (this.#state !== "live") return;
    this.#cursor = Math.max(this.#cursor ?? 0, upto);
    const room = this.room();
    if (room) this.#lag(room);
  }

  /** The feed's status has changed. */
  feedStatus(status: Status): void {
    if (status.state === "ended") this.#end(status);
    else if (this.#state === "live" || (this.#state === "waiting" && !isOpen(status))) {
      this.tell(status);
    }
  }

  protected begin(): void {
    if (this.#state !== "ended") this.#host.enter(this);
  }

  /** Where to go from WAITING, now that the feed brings what is wanted. */
  #place(): void {
    const behind = this.#cursor === undefined ? wantsPast(this.#start) : this.#cursor < this.#goal;
    if (behind) this.#catchUp();
    else this.#goLive();
  }

  #goLive(): void {
    this.#state = "live";
    this.#cursor ??= this.#goal;
    const side = this.#side;
    this.#side = undefined;
    side?.close();
    this.tell(this.#host.feedStatus());
  }

  #catchUp(): void {
    this.#state = "catching";
    const after = this.#cursor;
    const side = this.#host.openSide(
      this.filter,
      after === undefined ? this.#start : { lastEventId: after },
    );
    this.#side = side;
    side.onStatus((status) => this.#sideStatus(side, status));
    for (const type of ["*", "gap", "snapshot-end", "caught-up"] as const) {
      side.on(type, (item: AnyItem) => this.#fromSide(side, item));
    }
    side.on("heartbeat", ({ id }) => this.#meet(id));
  }

  #fromSide(side: EventStream<StreamEvent>, item: AnyItem): void {
    if (side !== this.#side) return;
    this.#cursor = item.id;
    if (isControl(item.type) || this.#matches(item)) this.deliver(item);
    const room = this.room();
    if (room) side.hold(room);
    this.#meet();
  }

  /** Leave the stream of one's own for the feed, if it is not behind it. */
  #meet(cursor = this.#cursor): void {
    if (this.#side?.status.state !== "live" || this.#state !== "catching") return;
    this.#cursor = cursor;
    if (cursor !== undefined && cursor >= this.#goal) this.#goLive();
  }

  #sideStatus(side: EventStream<StreamEvent>, status: Status): void {
    if (side !== this.#side) return;
    if (status.state === "ended") this.#end(status);
    else this.tell(status);
    this.#meet();
  }

  /** The sequences have begun anew: there is no past any more to catch up with. */
  #rewind(cursor: number): void {
    this.#cursor = cursor;
    if (this.#goal === Number.POSITIVE_INFINITY) return;
    this.#goal = cursor;
    this.#goLive();
  }

  #take(item: AnyItem): void {
    if (item.type !== "gap" && item.id <= (this.#cursor ?? 0)) return;
    this.#cursor = item.id;
    this.deliver(item);
  }

  /** A loop is slow: let the feed go on without it, and read on from where it is. */
  #lag(room: Promise<unknown>): void {
    this.#state = "waiting";
    this.#goal = this.#cursor ?? 0;
    void room.then(() => {
      if (this.#state === "waiting" && this.#goal !== Number.POSITIVE_INFINITY) this.#place();
    });
  }

  #end(status: Ended): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    const side = this.#side;
    this.#side = undefined;
    side?.close();
    this.#host.leave(this);
    this.tell(status);
  }
}

const isOpen = ({ state }: Status) => state === "live" || state === "replaying";

function wantsPast({ from = "latest", since, snapshot }: Start): boolean {
  return from !== "latest" || since !== undefined || snapshot === true;
}
