import type { AgentStatus, AlarmUpdate, CalculationProgress } from "../generated/events.ts";
import { bySeverity } from "../state/alarms.ts";
import type { Newest } from "../state/plant.ts";
import type { View } from "./store.ts";
import { usePlant } from "./use-plant.ts";

export interface AgentView extends Omit<View<unknown>, "state"> {
  /** Undefined until the agent has said how it is. */
  readonly agent: Newest<AgentStatus> | undefined;
  readonly jobs: readonly Newest<CalculationProgress>[];
  /** The gravest first. */
  readonly alarms: readonly Newest<AlarmUpdate>[];
  /** The newest value of each name. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** One agent: its status, jobs, alarms and metrics, from the newest of each on. */
export function useAgent(agentId: string): AgentView {
  const { state, status, gap } = usePlant({ agent: agentId, snapshot: true });
  return {
    agent: state.agents.get(agentId),
    jobs: [...state.jobs.values()],
    alarms: bySeverity(state.alarms.values()),
    metrics: state.metrics.get(agentId)?.metrics ?? {},
    status,
    gap,
  };
}
