/** How frames get here. */

import type { Frame } from "./frame.ts";

/** One request for a stream. */
export interface Ask {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Goes out as a POST. */
  readonly body?: string | undefined;
  readonly credentials?: RequestCredentials | undefined;
  /** The id to resume after; in `headers` too, for transports that can send headers. */
  readonly cursor?: number | undefined;
  /** Event types that are asked for by name. */
  readonly types?: readonly string[] | undefined;
}

/** Where frames go. */
export interface Receiver {
  /** Something came, if only a comment. */
  alive(): void;
  frame(frame: Frame): void;
  /** The server's `retry:`, in milliseconds. */
  retry(milliseconds: number): void;
  /** Called after what came at once; a promise means: bring no more before it is kept. */
  rest(): Promise<unknown> | undefined;
}

/** How a connection ended: `over` if the server says that there is no more, for ever. */
export type End = "cut" | "over";

/**
 * Opens one connection, and settles when it has ended.
 *
 * Rejects with RefusedError when the server will never serve this request, with anything else
 * when it is worth to be tried again.
 */
export type Transport = (ask: Ask, to: Receiver, signal: AbortSignal) => Promise<End>;
