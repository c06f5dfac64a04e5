/** Measured values over time. Pure. */

import type { StreamEvent } from "../events.ts";

/** `at` is in milliseconds since 1970. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** By the name of the metric, oldest first. */
export type Series = ReadonlyMap<string, readonly Point[]>;

/** The series with these events' values, at most `keep` of each. `now` is for events without a time. */
export function extendSeries(
  series: Series,
  events: readonly StreamEvent[],
  { keep, now }: { keep: number; now: number },
): Series {
  const fresh = new Map<string, Point[]>();
  for (const event of events) {
    if (event.type !== "metrics.update") continue;
    const at = event.time ? Date.parse(event.time) : now;
    for (const [name, value] of Object.entries(event.data.metrics)) {
      fresh.set(name, [...(fresh.get(name) ?? []), { at, value }]);
    }
  }
  if (!fresh.size) return series;
  const all = new Map(series);
  for (const [name, points] of fresh) {
    all.set(name, [...(series.get(name) ?? []), ...points].slice(-keep));
  }
  return all;
}
