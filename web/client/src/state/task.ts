/** The state of a task, folded from its events. Pure. */

import type { StreamEvent } from "../events.ts";

export type TaskPhase = "pending" | "running" | "paused" | "completed" | "failed" | "cancelled";

export interface TaskState {
  readonly phase: TaskPhase;
  readonly step: string | number | null;
  readonly totalSteps: number | null;
  readonly llmCalls: number;
  readonly toolCalls: number;
  /** The sum of the calls' costs; at the end, what the task says itself. */
  readonly cost: number;
  readonly budget: number | null;
  readonly budgetState: "ok" | "warning" | "exceeded";
  readonly result: unknown;
  readonly finalResponse: string | null;
  readonly error: string | null;
}

export const initialTaskState: TaskState = {
  phase: "pending",
  step: null,
  totalSteps: null,
  llmCalls: 0,
  toolCalls: 0,
  cost: 0,
  budget: null,
  budgetState: "ok",
  result: undefined,
  finalResponse: null,
  error: null,
};

/** The state after an event. */
export function reduceTask(state: TaskState, event: StreamEvent): TaskState {
  switch (event.type) {
    case "WorkflowStarted":
      return { ...state, phase: "running", budget: event.data.budget ?? state.budget };
    case "WorkflowPaused":
      return { ...state, phase: "paused" };
    case "WorkflowResumed":
      return { ...state, phase: "running" };
    case "WorkflowStepStarted": {
      const { step = null, total_steps } = event.data;
      return { ...state, step, totalSteps: total_steps ?? state.totalSteps };
    }
    case "WorkflowStepCompleted":
      return paid(state, event.data.cost);
    case "WorkflowLLMCallStarted":
      return { ...state, llmCalls: state.llmCalls + 1 };
    case "WorkflowToolCallStarted":
      return { ...state, toolCalls: state.toolCalls + 1 };
    case "WorkflowLLMCallCompleted":
    case "WorkflowToolCallCompleted":
      return paid(state, event.data.cost);
    case "WorkflowBudgetWarning":
      return { ...state, budgetState: "warning", ...money(state, event.data) };
    case "WorkflowBudgetExceeded":
      return { ...state, budgetState: "exceeded", ...money(state, event.data) };
    case "WorkflowCompleted": {
      const { result, final_response, cost } = event.data;
      const total = cost ?? state.cost;
      return {
        ...state,
        phase: "completed",
        result,
        finalResponse: final_response ?? null,
        cost: total,
      };
    }
    case "WorkflowFailed": {
      const { error, cost } = event.data;
      return { ...state, phase: "failed", error: error ?? "failed", cost: cost ?? state.cost };
    }
    case "task.cancelled":
      return { ...state, phase: "cancelled", error: event.data.reason ?? null };
    default:
      return state;
  }
}

function paid(state: TaskState, cost: number | null | undefined): TaskState {
  return cost ? { ...state, cost: state.cost + cost } : state;
}

function money(
  state: TaskState,
  { budget, spent }: { budget?: number | null; spent?: number | null },
) {
  return { budget: budget ?? state.budget, cost: spent ?? state.cost };
}
