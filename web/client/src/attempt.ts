import { TransientError } from "./errors.ts";
import { failed, type Outcome } from "./outcome.ts";
import type { Plan } from "./plan.ts";
import type { Ask, Receiver } from "./transport.ts";
import { Watchdog } from "./watchdog.ts";

/** Where the frames of an attempt go. */
export type Inlet = Omit<Receiver, "alive">;

/** Connect once, and stay until it ends. Never rejects. */
export async function attempt(
  { transport, patience }: Plan,
  ask: () => Promise<Ask>,
  inlet: Inlet,
  closing: AbortSignal,
): Promise<Outcome> {
  const stop = new AbortController();
  const dog = new Watchdog(() => stop.abort(new TransientError("silence", "nothing came")));
  const close = () => stop.abort();
  closing.addEventListener("abort", close);
  try {
    dog.watch(patience.openMs);
    const asked = await Promise.race([ask(), rejected(stop.signal)]);
    const receiver = watched(inlet, dog, patience.silenceMs, stop.signal);
    const end = await transport(asked, receiver, stop.signal);
    stop.signal.throwIfAborted();
    return end === "over" ? end : { reason: "network", error: null };
  } catch (error) {
    return failed(stop.signal.aborted ? stop.signal.reason : error);
  } finally {
    dog.rest();
    closing.removeEventListener("abort", close);
    stop.abort();
  }
}

/** The receiver that keeps the dog quiet; it sleeps while we are the slow ones. */
function watched(inlet: Inlet, dog: Watchdog, silenceMs: number, stop: AbortSignal): Receiver {
  return {
    ...inlet,
    alive: () => dog.watch(silenceMs),
    rest: () => {
      const room = inlet.rest();
      if (room) dog.rest();
      return room?.then(() => stop.aborted || dog.watch(silenceMs));
    },
  };
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
