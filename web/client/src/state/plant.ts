/** What is known of a plant, folded from its events. Pure. */

import type { StreamEvent } from "../events.ts";
import type {
  AgentStatus,
  AlarmUpdate,
  CalculationProgress,
  MetricsUpdate,
} from "../generated/events.ts";

/** The newest of something, with its place in the stream and, where it is told, its time. */
export type Newest<Data> = Readonly<Data> & { readonly id: number; readonly time?: string };

export interface PlantState {
  readonly agents: ReadonlyMap<string, Newest<AgentStatus>>;
  readonly jobs: ReadonlyMap<string, Newest<CalculationProgress>>;
  readonly alarms: ReadonlyMap<string, Newest<AlarmUpdate>>;
  /** By source. Each holds the newest value of every name, even of names sent one by one. */
  readonly metrics: ReadonlyMap<string, Newest<MetricsUpdate>>;
}

export const initialPlantState: PlantState = {
  agents: new Map(),
  jobs: new Map(),
  alarms: new Map(),
  metrics: new Map(),
};

/** The state after these events, oldest first. Maps are copied once, and only if they change. */
export function reducePlant(state: PlantState, events: readonly StreamEvent[]): PlantState {
  const draft = { ...state };
  for (const event of events) {
    const { id, time } = event;
    if (event.type === "agent.status") {
      put(state, draft, "agents", event.data.agent_id, { ...event.data, id, time });
    } else if (event.type === "calculation.progress") {
      put(state, draft, "jobs", event.data.job_id, { ...event.data, id, time });
    } else if (event.type === "alarm.update") {
      put(state, draft, "alarms", event.data.alarm_id, { ...event.data, id, time });
    } else if (event.type === "metrics.update") {
      const source = event.data.source_id;
      const metrics = { ...draft.metrics.get(source)?.metrics, ...event.data.metrics };
      put(state, draft, "metrics", source, { ...event.data, metrics, id, time });
    }
  }
  return (Object.keys(state) as (keyof PlantState)[]).some((key) => draft[key] !== state[key])
    ? draft
    : state;
}

type Value<Key extends keyof PlantState> =
  PlantState[Key] extends ReadonlyMap<string, infer V> ? V : never;

function put<Key extends keyof PlantState>(
  state: PlantState,
  draft: { -readonly [K in keyof PlantState]: PlantState[K] },
  key: Key,
  id: string,
  value: object,
): void {
  if (draft[key] === state[key]) draft[key] = new Map<string, never>(state[key] as never) as never;
  (draft[key] as Map<string, Value<Key>>).set(id, value as Value<Key>);
}
