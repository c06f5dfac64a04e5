import type { AnyItem } from "../../src/events.ts";
import type { Status } from "../../src/index.ts";
import type { Subscription } from "../../src/subscription.ts";

/** Everything that a stream gives to its listeners. */
export function recording(stream: Subscription<AnyItem>) {
  const events: AnyItem[] = [];
  const notices: AnyItem[] = [];
  const states: Status["state"][] = [];
  stream.on("*", (event) => events.push(event));
  for (const type of ["gap", "caught-up", "snapshot-end"] as const) {
    stream.on(type, (notice: AnyItem) => notices.push(notice));
  }
  stream.onStatus(({ state }) => {
    if (states.at(-1) !== state) states.push(state);
  });
  const ids = () => events.map(({ id }) => id);
  const numbers = () => events.map(({ data }) => (data as { n: number }).n);
  return { events, notices, states, ids, numbers };
}

/** The whole numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}
