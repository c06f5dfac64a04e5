/** What many subscriptions have in common. */

import type { AnyItem } from "./events.ts";
import type { Filter } from "./filter.ts";
import type { Status } from "./status.ts";

/** Items that came at once. There is no other up to `upto` that came after `after`. */
export interface Batch {
  readonly items: readonly AnyItem[];
  readonly after: number;
  readonly upto: number;
}

/** What a feed tells. */
export interface FeedListener {
  /** After this id, everything comes that `filter` lets through, and nothing else need. */
  covered(filter: Filter, cursor: number): void;
  batch(batch: Batch): void;
  status(status: Status): void;
}

/** One stream of events for many, wherever it comes from. */
export interface Feed {
  /** Ask for all that this filter lets through; undefined for nothing any more. */
  want(filter: Filter | undefined): void;
  /** Do not wait any longer for the next attempt. */
  reconnect(): void;
  close(): void;
}
