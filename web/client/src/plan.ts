import type { Decode } from "./decode.ts";
import type { AnyItem } from "./events.ts";
import type { Memory } from "./memory.ts";
import type { Ask, Transport } from "./transport.ts";

/** How patient a stream is. All in milliseconds. */
export interface Patience {
  /** Reconnect when nothing came for so long, heartbeats included; 0 is never. Default 75,000. */
  silenceMs: number;
  /** Try again when a connection takes longer to be opened; 0 is never. Default 20,000. */
  openMs: number;
  /** The longest wait between two attempts. Default 30,000. */
  maxRetryMs: number;
}

/** Everything that a stream has to know. */
export interface Plan {
  transport: Transport;
  /** What to ask for next, with a fresh token. */
  ask(cursor: number | undefined, delivered: number): Promise<Ask>;
  decode: Decode;
  /** True for an event after which nothing comes. */
  isLast(item: AnyItem): boolean;
  /** The stream ends after so many events. */
  limit?: number | undefined;
  patience: Patience;
  memory?: Memory | undefined;
  /** The id to begin after. */
  cursor?: number | undefined;
  ack?: ((id: number, cursor: string | null | undefined) => Promise<void>) | undefined;
}
