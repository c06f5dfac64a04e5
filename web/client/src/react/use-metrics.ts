import type { HubEvent } from "../hub.ts";
import type { Time } from "../options.ts";
import { extendSeries, type Series } from "../state/series.ts";
import { useHub } from "./provider.ts";
import type { View } from "./store.ts";
import { keyOf, useStreamStore } from "./use-stream-store.ts";

export interface MetricsOptions {
  /** Points to keep of each name; default 300. */
  keep?: number;
  /** How far to look back; default `15m`. */
  since?: Time;
}

export interface MetricsView extends Omit<View<unknown>, "state"> {
  readonly series: Series;
  /** The newest value of each name. */
  readonly latest: Readonly<Record<string, number>>;
}

/** What an agent measures, over time. */
export function useMetrics(agentId: string, options: MetricsOptions = {}): MetricsView {
  const { keep = 300, since = "15m" } = options;
  const hub = useHub();
  const wanted = { agent: agentId, types: ["metrics.update"], since };
  const { state, status, gap } = useStreamStore<Series, HubEvent>(
    keyOf(hub, wanted, keep),
    () => hub.subscribe(wanted),
    (series, events) => extendSeries(series, events, { keep, now: Date.now() }),
    new Map(),
  );
  const newest = [...state].map(([name, points]) => [name, points.at(-1)?.value]);
  return { series: state, latest: Object.fromEntries(newest), status, gap };
}
