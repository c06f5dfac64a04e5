/** The state of a multi-agent system that answers a question, folded from its messages. Pure. */

import type { EventDataByType } from "../generated/events.ts";

export type OrchestratorStatus = "idle" | "thinking" | "delegating" | "synthesizing";

export interface SpecialistState {
  readonly status: string;
  readonly task?: string;
  readonly icon?: string;
  /** 0 to 100. */
  readonly progress?: number;
  readonly currentAction?: string;
  /** The tool that it has called last. */
  readonly tool?: string;
}

export interface SystemState {
  readonly orchestratorStatus: OrchestratorStatus;
  readonly specialists: ReadonlyMap<string, SpecialistState>;
  readonly results: ReadonlyMap<string, unknown>;
  /** The answer, as far as it has been told. */
  readonly text: string;
  /** The last thing that was said for the user to see. */
  readonly notice: string;
  readonly thoughts: readonly string[];
  readonly error: string | null;
  readonly finished: boolean;
}

export const initialSystemState: SystemState = {
  orchestratorStatus: "idle",
  specialists: new Map(),
  results: new Map(),
  text: "",
  notice: "",
  thoughts: [],
  error: null,
  finished: false,
};

type ChatData = EventDataByType[Extract<keyof EventDataByType, `chat.${string}`>];

/** A message of a chat stream; other types than the known ones change nothing. */
export type SSEMessage = ChatData | { type: "heartbeat" };

/** The state after a message. */
export function reduceSSEMessage(state: SystemState, message: SSEMessage): SystemState {
  switch (message.type) {
    case "status":
      return { ...state, orchestratorStatus: "thinking", notice: message.message };
    case "thinking":
      return thinking(state, message.visible === false ? undefined : message.thought);
    case "specialist_activated":
      return specialist({ ...state, orchestratorStatus: "delegating" }, message.specialist, {
        status: "active",
        ...given({ task: message.task, icon: message.icon }),
      });
    case "specialist_update":
      return specialist(state, message.specialist, { status: message.status });
    case "progress":
      return specialist(state, message.specialist, {
        progress: message.progress,
        ...given({ currentAction: message.current_action }),
      });
    case "tool_call":
      return specialist(state, message.specialist, { tool: message.tool });
    case "specialist_complete":
      return result(
        specialist(state, message.specialist, { status: "complete", progress: 100 }),
        message.specialist,
        message.result,
      );
    case "partial_result":
      return result(state, message.specialist ?? "", message.result);
    case "synthesis":
      return { ...state, orchestratorStatus: "synthesizing", notice: message.message };
    case "text":
      return { ...state, text: state.text + message.content };
    case "timeout":
      return { ...state, notice: message.message };
    case "batch":
      return (message.updates as unknown as SSEMessage[]).reduce(reduceSSEMessage, state);
    case "error":
      return { ...ended(state), error: message.error ?? message.message ?? "failed" };
    case "complete":
      return result(ended(state), "", message.result);
    default:
      return state;
  }
}

function thinking(state: SystemState, thought: string | undefined): SystemState {
  const thoughts = thought === undefined ? state.thoughts : [...state.thoughts, thought];
  return { ...state, orchestratorStatus: "thinking", thoughts };
}

function ended(state: SystemState): SystemState {
  return { ...state, orchestratorStatus: "idle", finished: true };
}

/** What is said of no specialist in particular changes none. */
function specialist(
  state: SystemState,
  name: string | null | undefined,
  change: Partial<SpecialistState>,
): SystemState {
  if (!name) return state;
  const before = state.specialists.get(name) ?? { status: "active" };
  const specialists = new Map(state.specialists).set(name, { ...before, ...change });
  return { ...state, specialists };
}

/** The result under the empty name is that of the whole turn. */
function result(state: SystemState, name: string, value: unknown): SystemState {
  if (value === undefined) return state;
  return { ...state, results: new Map(state.results).set(name, value) };
}

function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(fields).filter(([, value]) => value != null);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
