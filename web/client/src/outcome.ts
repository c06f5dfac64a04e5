/** How an attempt to stream ended, and what that means. Pure. */

import { RefusedError, TransientError } from "./errors.ts";
import type { OfflineReason } from "./status.ts";

/** The stream was lost, or could not be had this time. */
export interface Lost {
  reason: OfflineReason;
  error: Error | null;
  /** When to come back, if the server said so. */
  askedMs?: number | undefined;
}

/** Refused for good, over for good, or lost. */
export type Outcome = RefusedError | "over" | Lost;

/** What an error means that ended an attempt. */
export function failed(error: unknown): RefusedError | Lost {
  if (error instanceof RefusedError) return error;
  if (error instanceof TransientError) {
    return { reason: error.reason, error, askedMs: error.retryMs };
  }
  return { reason: "network", error: error instanceof Error ? error : new Error(String(error)) };
}
