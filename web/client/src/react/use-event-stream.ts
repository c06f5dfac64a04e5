import { useCallback, useEffect, useRef } from "react";
import type { NoTypes } from "../events.ts";
import type { HubEvent } from "../hub.ts";
import type { Start, Where } from "../options.ts";
import { useHub } from "./provider.ts";
import type { View } from "./store.ts";
import { keyOf, useStreamStore } from "./use-stream-store.ts";

export interface EventStreamOptions<Custom> extends Where, Start {
  /** How many events to keep, the newest; default 100. */
  keep?: number;
  /** Called for each event as it comes, not by the frame. */
  onEvent?: (event: HubEvent<Custom>) => void;
}

export interface EventStreamView<Custom> extends Omit<View<unknown>, "state"> {
  /** Oldest first. */
  readonly events: readonly HubEvent<Custom>[];
  readonly last: HubEvent<Custom> | undefined;
}

/** The newest events that fit. */
export function useEventStream<Custom = NoTypes>(
  options: EventStreamOptions<Custom> = {},
): EventStreamView<Custom> {
  const { keep = 100, onEvent, ...wanted } = options;
  const hub = useHub();
  const heard = useLatest(onEvent);
  const { state, status, gap } = useStreamStore<readonly HubEvent<Custom>[], HubEvent<Custom>>(
    keyOf(hub, wanted, keep),
    () => {
      const stream = hub.subscribe<Custom>(wanted);
      stream.on("*", heard);
      return stream;
    },
    (events, more) => [...events, ...more].slice(-keep),
    [],
  );
  return { events: state, last: state.at(-1), status, gap };
}

/** A function that stays the same, and calls the newest one. */
function useLatest<Value>(callback: ((value: Value) => void) | undefined): (value: Value) => void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  return useCallback((value: Value) => latest.current?.(value), []);
}
