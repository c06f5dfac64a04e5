import { useMemo, useSyncExternalStore } from "react";
import type { AnyItem } from "../events.ts";
import { type Fold, type OpenStream, StreamStore, type View } from "./store.ts";

/** What a stream comes to. It is opened anew when `key` changes, and only then. */
export function useStreamStore<State, Event extends AnyItem>(
  key: string,
  open: OpenStream<Event>,
  fold: Fold<State, Event>,
  initial: State,
): View<State> {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for them all
  const store = useMemo(() => new StreamStore(open, fold, initial), [key]);
  return useSyncExternalStore(store.subscribe, store.view, store.view);
}

let hubs = 0;
const numbers = new WeakMap<object, number>();

/** A text that tells objects such as hubs and options apart. */
export function keyOf(identity: object, ...values: unknown[]): string {
  if (!numbers.has(identity)) numbers.set(identity, ++hubs);
  return JSON.stringify([numbers.get(identity), ...values]);
}
