import { RefusedError } from "./errors.ts";
import { CONTROL_TYPES, EVENT_TYPES } from "./generated/events.ts";
import type { Ask, End, Receiver, Transport } from "./transport.ts";

const OPEN_BEFORE = "an EventSource does not tell why; ask with fetch, or open the URL by hand";

/**
 * Streams by the browser's own `EventSource`.
 *
 * It sends no headers, so `token` is of no use with it; it hears only types that it knows by
 * name (those of the schemas, and those in `types`); and it cannot tell a refusal from an end.
 */
export function eventSourceTransport(
  Source: new (url: string, init?: EventSourceInit) => EventSource = EventSource,
): Transport {
  return (ask, to, signal) => {
    if (ask.body !== undefined) throw new RefusedError(0, "EventSource cannot POST");
    const source = new Source(resuming(ask), { withCredentials: ask.credentials === "include" });
    for (const type of heard(ask)) source.addEventListener(type, (event) => pass(event, to));
    source.onopen = () => to.alive();
    return ended(source, ask, signal).finally(() => source.close());
  };
}

/** The browser's own reconnecting is not used: its URL would not change. */
function resuming({ url, cursor }: Ask): string {
  if (cursor === undefined) return url;
  return `${url}${url.includes("?") ? "&" : "?"}last_event_id=${cursor}`;
}

function heard(ask: Ask): Set<string> {
  const byName = (ask.types ?? []).filter((type) => !type.endsWith("*"));
  return new Set([...CONTROL_TYPES, ...EVENT_TYPES, ...byName, "message", "done"]);
}

function pass(event: MessageEvent, to: Receiver): void {
  to.alive();
  to.frame({ id: event.lastEventId, event: event.type, data: event.data });
  to.rest();
}

function ended(source: EventSource, ask: Ask, signal: AbortSignal): Promise<End> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => resolve("cut"));
    source.onerror = () => {
      if (source.readyState !== source.CLOSED) resolve("cut");
      else if (ask.cursor !== undefined) resolve("over");
      else reject(new RefusedError(0, `${ask.url} gave no stream`, OPEN_BEFORE));
    };
  });
}
