/** How long to wait before the next attempt. Pure, but for the random number it is given. */

export interface Waiting {
  /** How many attempts have failed since the stream was last open. */
  attempt: number;
  /** The longest first wait: what the server last said with `retry:`. */
  retryMs: number;
  /** The longest wait of all. */
  maxMs: number;
  /** When the server itself said to come back; it has spread its clients already. */
  askedMs?: number | undefined;
}

/** No server's `retry` makes clients come back faster than this. */
const LEAST_RETRY_MS = 100;

/** Milliseconds to wait: full jitter, on top of what the server asked for. `random` is 0 to 1. */
export function backoff(waiting: Waiting, random: number): number {
  const { attempt, askedMs } = waiting;
  if (askedMs === undefined) return jittered(waiting, attempt, random);
  return askedMs + (attempt ? jittered(waiting, attempt - 1, random) : 0);
}

function jittered({ retryMs, maxMs }: Waiting, attempt: number, random: number): number {
  return random * Math.min(maxMs, Math.max(retryMs, LEAST_RETRY_MS) * 2 ** attempt);
}
