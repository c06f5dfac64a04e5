/** What frames mean: the cursor, duplicates, the state of the stream. Pure. */

import { isControl } from "./control.ts";
import type { Decode } from "./decode.ts";
import type { AnyItem } from "./events.ts";
import { type Frame, sequence } from "./frame.ts";
import { CONNECTING, type Connecting, type OfflineReason, percent, type Status } from "./status.ts";

/** The server says that this connection ends, and when to come back. */
export interface Farewell {
  reason: OfflineReason;
  askedMs: number;
}

export class Tracker {
  /** The id to resume after; undefined until the server has told one. */
  cursor: number | undefined;
  /** What the server said before it ended the present connection. */
  farewell: Farewell | undefined;
  status: Status = CONNECTING;
  readonly #decode: Decode;
  readonly #isLast: (item: AnyItem) => boolean;

  constructor(cursor: number | undefined, decode: Decode, isLast: (item: AnyItem) => boolean) {
    this.cursor = cursor;
    this.#decode = decode;
    this.#isLast = isLast;
  }

  /** A new connection is tried. */
  begin(connecting: Connecting): void {
    this.farewell = undefined;
    this.status = connecting;
  }

  /** Take the next frame; undefined for an event that was there before. */
  accept(frame: Frame): AnyItem | undefined {
    const id = sequence(frame.id);
    if (isControl(frame.event)) return this.#control(frame, id);
    const item = this.#decode(frame, id ?? this.cursor ?? 0);
    if (this.#isKnown(id) && !this.#isLast(item)) return undefined;
    this.cursor = id ?? this.cursor;
    this.#progress();
    return item;
  }

  #isKnown(id: number | undefined): boolean {
    return id !== undefined && this.cursor !== undefined && id <= this.cursor;
  }

  /** Only a gap goes back: then the sequences have begun anew. */
  #control(frame: Frame, id: number | undefined): AnyItem {
    if (id !== undefined && (frame.event === "gap" || !this.#isKnown(id))) this.cursor = id;
    const item = { id: this.cursor ?? 0, type: frame.event ?? "", data: JSON.parse(frame.data) };
    this.#follow(item.type, item.data);
    return item;
  }

  #follow(type: string, data: Record<string, unknown>): void {
    if (type === "connected") this.#open(data);
    else if (type === "caught-up") this.status = { state: "live" };
    else if (type === "draining") this.farewell = { reason: type, askedMs: Number(data.retry_ms) };
    else if (type === "unavailable") {
      this.farewell = { reason: data.reason as OfflineReason, askedMs: Number(data.retry_ms) };
    } else this.#progress();
  }

  /** Chat streams, which begin with `connected` too, tell no sequences. */
  #open(data: Record<string, unknown>): void {
    const [cursor, first, to] = [data.cursor, data.first_seq, data.last_seq].map(Number);
    const from = Math.max(cursor ?? 0, (first ?? 0) - 1);
    const known = Number.isFinite(from) && to !== undefined && Number.isFinite(to);
    this.status = known ? { state: "replaying", from, to, percent: 0 } : { state: "live" };
  }

  /** Replays tell how far they are, by whole percent so that it is not told for each event. */
  #progress(): void {
    const now = this.status;
    if (now.state === "connecting") this.status = { state: "live" };
    if (now.state !== "replaying") return;
    const share = percent(now.from, now.to, this.cursor ?? 0);
    if (share !== now.percent) this.status = { ...now, percent: share };
  }
}
