import { backoff } from "./backoff.ts";
import type { Lost } from "./outcome.ts";
import { CONNECTING, type Connecting, type Offline } from "./status.ts";

/** What the bridge tells browsers at first. */
const RETRY_MS = 3000;

/** Counts attempts, and says when the next is due. Pure: time and chance are given to it. */
export class Recovery {
  /** What the server last said with `retry:`. */
  retryMs = RETRY_MS;
  readonly #maxMs: number;
  #attempt = 0;
  #lostAt: number | null = null;

  constructor(maxMs: number) {
    this.#maxMs = maxMs;
  }

  /** What to tell of the attempt that begins. */
  get connecting(): Connecting {
    const [attempt, since] = [this.#attempt, this.#lostAt];
    return attempt ? { state: "connecting", attempt, since } : CONNECTING;
  }

  /** The stream is open. */
  opened(): void {
    this.#attempt = 0;
    this.#lostAt = null;
  }

  /** An attempt ended at `now`, or the open stream did. `random` is 0 to 1. */
  lost({ reason, error, askedMs }: Lost, now: number, random: number): Offline {
    const attempt = this.#attempt++;
    this.#lostAt ??= now;
    const { retryMs } = this;
    const delay = backoff({ attempt, retryMs, maxMs: this.#maxMs, askedMs }, random);
    const retryAt = now + delay;
    return { state: "offline", reason, error, since: this.#lostAt, retryAt, attempt };
  }
}
