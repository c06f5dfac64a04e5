// Made from the Python structs by `jetbridge schemas export`. Do not edit.

/** One agent: its workers, and the tasks that run or wait for one of them. */
export interface AgentInfo {
  /** An id; never empty. */
  agent_id: string;
  has_active_worker: boolean;
  /** How many. */
  running: number;
  /** How many. */
  queued: number;
  workers: Array<WorkerPresence>;
}

/** An agent started, went on, paused, ended. */
export interface AgentStatus {
  /** An id; never empty. */
  agent_id: string;
  status: AgentStatusEnum;
  /** A percentage from 0 to 100. */
  progress_percent?: number | null;
  current_step?: string | null;
  metadata?: Record<string, unknown> | null;
}

/** What an agent is doing. */
export type AgentStatusEnum = "COMPLETED" | "ERROR" | "IDLE" | "PAUSED" | "RUNNING" | "SHUTDOWN";

/** How grave an alarm is, from lowest to highest. */
export type AlarmSeverityEnum = "ALERT" | "CRITICAL" | "INFO" | "WARNING";

/** An alarm was raised or has changed; the values are in the parameter's own unit. */
export interface AlarmUpdate {
  /** An id; never empty. */
  alarm_id: string;
  /** An id; never empty. */
  agent_id: string;
  severity: AlarmSeverityEnum;
  message: string;
  parameter?: string | null;
  current_value?: number | null;
  threshold_value?: number | null;
  metadata?: Record<string, unknown> | null;
}

/** How far a job is. */
export interface CalculationProgress {
  /** An id; never empty. */
  job_id: string;
  /** An id; never empty. */
  agent_id: string;
  /** A percentage from 0 to 100. */
  progress_percent: number;
  current_step?: string | null;
  /** A whole number from 0. */
  step_number?: number | null;
  /** A whole number from 0. */
  total_steps?: number | null;
  /** A duration in seconds. */
  elapsed_seconds?: number | null;
  /** A duration in seconds. */
  estimated_total_seconds?: number | null;
  details?: Record<string, unknown> | null;
}

/** Sent once, when replay meets live. */
export interface CaughtUp {
  /** The sequence at which replay ended. */
  last_seq: number;
  /** How many events were replayed. */
  replayed: number;
}

/** Several messages in one, oldest first. */
export interface ChatBatch {
  type: "batch";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  updates: Array<Record<string, unknown>>;
}

/** The turn is done; the last event of its stream. */
export interface ChatComplete {
  type: "complete";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  result?: unknown;
  status?: string | null;
}

/** The turn failed; the last event of its stream. */
export interface ChatError {
  type: "error";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  error?: string | null;
  message?: string | null;
}

/** A result that is there before the others. */
export interface ChatPartialResult {
  type: "partial_result";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  result: unknown;
  specialist?: string | null;
}

/** How far the turn, or one specialist, is. */
export interface ChatProgress {
  type: "progress";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  /** A percentage from 0 to 100. */
  progress: number;
  specialist?: string | null;
  current_action?: string | null;
}

/** A specialist was engaged. */
export interface ChatSpecialistActivated {
  type: "specialist_activated";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  specialist: string;
  task?: string | null;
  icon?: string | null;
}

/** A specialist is done. */
export interface ChatSpecialistComplete {
  type: "specialist_complete";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  specialist: string;
  message?: string | null;
  result?: unknown;
}

/** A specialist says how it is getting on. */
export interface ChatSpecialistUpdate {
  type: "specialist_update";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  specialist: string;
  status: string;
}

/** The state of the whole system, for the user. */
export interface ChatStatus {
  type: "status";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  message: string;
  status?: string | null;
}

/** Results are being combined. */
export interface ChatSynthesis {
  type: "synthesis";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  message: string;
  specialists_complete?: Array<string> | null;
  specialists_pending?: Array<string> | null;
}

/** A piece of the answer. */
export interface ChatText {
  type: "text";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  content: string;
}

/** An agent's reasoning; `visible` says whether to show it. */
export interface ChatThinking {
  type: "thinking";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  thought: string;
  agent?: string | null;
  visible?: boolean | null;
}

/** Something takes longer than expected; `action` says what is done about it. */
export interface ChatTimeout {
  type: "timeout";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  message: string;
  action?: string | null;
}

/** An agent uses a tool; what it passes is in `arguments` or in `parameters`. */
export interface ChatToolCall {
  type: "tool_call";
  request_id?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  tool: string;
  arguments?: Record<string, unknown> | null;
  parameters?: Record<string, unknown> | null;
  specialist?: string | null;
}

/** Opens every stream. */
export interface Connected {
  status: "connected";
  /** The client's name for itself; null when it gave none. */
  client_id: string | null;
  /** What is streamed: `global`, `agent:001`, `job:123`. */
  stream: string;
  /** The JetStream sequence after which delivery begins. */
  cursor: number;
  /** The oldest sequence that can still be replayed. */
  first_seq: number;
  /** The newest sequence in the stream. */
  last_seq: number;
  /** Whether the stream goes on from where the client was. */
  resumed: boolean;
  /** Whether the bridge keeps the place of this client. */
  durable: boolean;
  /** Why not, for a client that asked for it by a `client_id`. */
  durable_reason: NotDurableReason | null;
  /** The name of the stored place, to be named in an ack. */
  durable_cursor: string | null;
}

/**
 * One skipped message of the stream `EVT`, as announced on `dlq.<tenant>.<reason>`.
 *
 *     Also a task that was given up: `sequence` is that of its `WorkflowFailed`, or, when the
 *     message was no task at all, the place it had in the stream `TASKS`.
 */
export interface DeadLetter {
  /** Where the message stays in `EVT`. */
  sequence: number;
  /** The subject it was published on. */
  subject: string;
  reason: DeadLetterReason;
  /** What is wrong with it, for people. */
  message: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
}

/** Why a message in the stream is skipped and announced on `dlq.<tenant>.<reason>`. */
export type DeadLetterReason = "bad_encoding" | "bad_json" | "bad_subject" | "bad_task" | "max_deliveries" | "schema" | "too_large";

/** The server closes the stream in a moment; come back after `retry_ms`. */
export interface Draining {
  /** A duration in milliseconds. */
  retry_ms: number;
}

/** Events that the client asked for are gone. */
export interface Gap {
  /** The sequence that was asked for. */
  requested: number;
  /** The sequence at which delivery begins instead. */
  first_available: number;
  reason: GapReason;
}

/** Why events that a client asked for are not there any more. */
export type GapReason = "ahead" | "expired" | "limited" | "purged";

/** Shows that a quiet stream is alive, and moves its cursor. */
export interface Heartbeat {
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
}

/** Measured values by name, all taken at one moment. */
export interface MetricsUpdate {
  /** An id; never empty. */
  source_id: string;
  metrics: Record<string, number>;
  unit?: string | null;
  metadata?: Record<string, unknown> | null;
}

/** Why the bridge keeps no cursor for a client that gave a `client_id`; its stream goes on. */
export type NotDurableReason = "capacity" | "forbidden" | "refused" | "unavailable";

/** The `reason` of a `WorkflowPaused` that has a meaning to workers. */
export type PauseReason = "worker_stopped";

/** What a session message is about. */
export interface SessionAux {
  info_type: string;
  /** A whole number from 0. */
  reaction_index?: number | null;
  returnable?: unknown;
}

/** The session is over; the last event of its stream. */
export interface SessionCompletion {
  _type: "completion";
  status: "completed" | "error";
  error?: string | null;
}

/** The worker has a result. */
export interface SessionData {
  type: "data";
  message: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  /** An id; never empty. */
  worker_id: string;
  aux: SessionAux;
}

/** Something failed; the session goes on. */
export interface SessionError {
  type: "error";
  message: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  /** An id; never empty. */
  worker_id: string;
  aux: SessionAux;
}

/** The worker says what it is doing. */
export interface SessionInfo {
  type: "info";
  message: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  /** An id; never empty. */
  worker_id: string;
  aux: SessionAux;
}

/** Ends a snapshot: the client has the last event of every subject that it asked for. */
export interface SnapshotEnd {
  last_seq: number;
  events: number;
}

/** What a worker can be told about a task it has. */
export type TaskAction = "cancel" | "pause" | "ping" | "resume";

/** A task is no longer wanted. */
export interface TaskCancelled {
  /** An id; never empty. */
  task_id: string;
  /** An id; never empty. */
  agent_id: string;
  description?: string | null;
  user_id?: string | null;
  query?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  task_parameters?: Record<string, unknown> | null;
  reason?: string | null;
}

/** A message to the worker that has a task. */
export interface TaskControl {
  action: TaskAction;
  reason?: string | null;
}

/** What that worker answers; `problem` says why it does not do as told. */
export interface TaskControlReply {
  /** An id; never empty. */
  worker_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A whole number from 0. */
  attempt: number;
  is_paused: boolean;
  problem?: string | null;
}

/** The `error_type` of a `WorkflowFailed` that no exception of the agent's caused. */
export type TaskFailure = "budget_exceeded" | "cancelled" | "max_deliveries" | "timeout";

/** One task in an agent's queue. Its events are published on the job `task_id`. */
export interface TaskRequest {
  /** An id; never empty. */
  task_id: string;
  /** An id; never empty. */
  agent_id: string;
  query?: string;
  description?: string | null;
  user_id?: string | null;
  request_id?: string | null;
  task_parameters?: Record<string, unknown>;
}

/**
 * What `fold_task` makes of a task's events. Sequences are those of `EVT`, 0 for none.
 *
 *     task_id … task_parameters: what was asked.
 *     status: where it is; sticks once it is over.
 *     current_step, open_steps: the innermost step, and all that are not completed.
 *     progress: percent, from 0 to 100, of the present attempt.
 *     cost: what all attempts have spent, in the currency of the budget.
 *     attempt: how often a worker has started it; hand_overs: how often one stopped in good
 *         order and left it to the next.
 *     pause_wanted: somebody paused it and nobody resumed it, whatever its workers do.
 *     is_session: it has events of a session, which has an end of its own.
 *     closed: a `WorkflowCompleted` or `WorkflowFailed` is there: nothing follows.
 *     ended_sequence, ended_by: the first event that ended it, which may be of its chat or session.
 *     lifecycle_sequence: the last event whose type is a single word, as those of workers are.
 */
export interface TaskState {
  task_id: string | null;
  agent_id: string | null;
  description: string | null;
  query: string | null;
  user_id: string | null;
  task_parameters: Record<string, unknown> | null;
  status: TaskStatus;
  current_step: string | null;
  open_steps: Array<string>;
  completed_steps: number;
  total_steps: number | null;
  progress: number | null;
  cost: number;
  budget: number | null;
  budget_warned: boolean;
  budget_exceeded: boolean;
  tool_calls: number;
  llm_calls: number;
  result: unknown;
  final_response: string | null;
  error: string | null;
  error_type: string | null;
  created_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  attempt: number;
  hand_overs: number;
  worker_id: string | null;
  queue_sequence: number | null;
  pause_wanted: boolean;
  cancel_wanted: boolean;
  is_session: boolean;
  closed: boolean;
  ended_by: string | null;
  first_sequence: number;
  last_sequence: number;
  submitted_sequence: number;
  lifecycle_sequence: number;
  ended_sequence: number;
}

/** Where a task is between being made and being over. */
export type TaskStatus = "cancelled" | "completed" | "created" | "failed" | "paused" | "queued" | "running";

/** A task was made; once it has a `query`, even an empty one, it is in the agent's queue. */
export interface TaskSubmitted {
  /** An id; never empty. */
  task_id: string;
  /** An id; never empty. */
  agent_id: string;
  description?: string | null;
  user_id?: string | null;
  query?: string | null;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp?: string | null;
  task_parameters: Record<string, unknown>;
}

/** The stream cannot be had now; come back after `retry_ms`. Nothing follows this frame. */
export interface Unavailable {
  reason: UnavailableReason;
  /** A duration in milliseconds. */
  retry_ms: number;
}

/** Why a stream cannot be had just now; the client is to come back after `retry_ms`. */
export type UnavailableReason = "capacity" | "draining" | "nats_unreachable" | "server_error" | "stream_missing";

/** One worker that is there. */
export interface WorkerPresence {
  /** An id; never empty. */
  worker_id: string;
  /** An id; never empty. */
  agent_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  started_at: string;
  /** How many. */
  concurrency: number;
  tasks: Array<string>;
  is_stopping: boolean;
}

/** What was spent is over the budget. */
export interface WorkflowBudgetExceeded {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  /** An amount in the currency of the budget. */
  budget?: number | null;
  /** An amount in the currency of the budget. */
  spent?: number | null;
}

/** What was spent comes near the budget. */
export interface WorkflowBudgetWarning {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  /** An amount in the currency of the budget. */
  budget?: number | null;
  /** An amount in the currency of the budget. */
  spent?: number | null;
}

/** The task ended well; the last event of its stream. */
export interface WorkflowCompleted {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  result?: unknown;
  final_response?: string | null;
  /** An amount in the currency of the budget. */
  cost?: number | null;
  /** A duration in seconds. */
  elapsed_seconds?: number | null;
}

/** The task ended badly; the last event of its stream. */
export interface WorkflowFailed {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  error?: string | null;
  error_type?: string | null;
  /** An amount in the currency of the budget. */
  cost?: number | null;
  /** A duration in seconds. */
  elapsed_seconds?: number | null;
}

/** A language model answered, or failed with `error`. */
export interface WorkflowLLMCallCompleted {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  model?: string | null;
  result?: unknown;
  error?: string | null;
  /** An amount in the currency of the budget. */
  cost?: number | null;
  /** A whole number from 0. */
  input_tokens?: number | null;
  /** A whole number from 0. */
  output_tokens?: number | null;
  /** A duration in seconds. */
  elapsed_seconds?: number | null;
  /** A whole number from 0. */
  step?: string | number | null;
}

/** A language model was asked. */
export interface WorkflowLLMCallStarted {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  model?: string | null;
  /** An amount in the currency of the budget. */
  estimated_cost?: number | null;
  /** A whole number from 0. */
  step?: string | number | null;
}

/** The task waits until it is resumed. */
export interface WorkflowPaused {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  reason?: string | null;
  /** A whole number from 0. */
  step?: string | number | null;
}

/** The task goes on. */
export interface WorkflowResumed {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  reason?: string | null;
  /** A whole number from 0. */
  step?: string | number | null;
}

/**
 * The task is being worked on.
 *
 *     When a worker dies, another one starts again with the next `attempt`, from 1.
 *     `queue_sequence` is the task's place in the stream `TASKS`.
 */
export interface WorkflowStarted {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  /** A whole number from 0. */
  attempt?: number | null;
  worker_id?: string | null;
  /** A whole number from 0. */
  queue_sequence?: number | null;
  description?: string | null;
  query?: string | null;
  model?: string | null;
  /** An amount in the currency of the budget. */
  budget?: number | null;
  enable_streaming?: boolean | null;
  task_parameters?: Record<string, unknown> | null;
}

/** One step of the task is done. */
export interface WorkflowStepCompleted {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  /** A whole number from 0. */
  step?: string | number | null;
  /** A whole number from 0. */
  total_steps?: number | null;
  result?: unknown;
  /** An amount in the currency of the budget. */
  cost?: number | null;
  /** A duration in seconds. */
  elapsed_seconds?: number | null;
}

/** One step of the task begins. */
export interface WorkflowStepStarted {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  /** A whole number from 0. */
  step?: string | number | null;
  /** A whole number from 0. */
  total_steps?: number | null;
  description?: string | null;
}

/** A tool returned, or failed with `error`. */
export interface WorkflowToolCallCompleted {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  tool?: string | null;
  result?: unknown;
  error?: string | null;
  /** An amount in the currency of the budget. */
  cost?: number | null;
  /** A duration in seconds. */
  elapsed_seconds?: number | null;
  /** A whole number from 0. */
  step?: string | number | null;
}

/** A tool was called. */
export interface WorkflowToolCallStarted {
  /** An id; never empty. */
  agent_id: string;
  /** An id; never empty. */
  task_id: string;
  /** A point in time, RFC 3339; UTC with a Z when ours. */
  timestamp: string;
  message?: string | null;
  metadata?: Record<string, unknown> | null;
  tool?: string | null;
  arguments?: Record<string, unknown> | null;
  /** A whole number from 0. */
  step?: string | number | null;
}

/** The data of each type. */
export interface EventDataByType {
  "agent.status": AgentStatus;
  "calculation.progress": CalculationProgress;
  "alarm.update": AlarmUpdate;
  "metrics.update": MetricsUpdate;
  "WorkflowStarted": WorkflowStarted;
  "WorkflowCompleted": WorkflowCompleted;
  "WorkflowFailed": WorkflowFailed;
  "WorkflowLLMCallStarted": WorkflowLLMCallStarted;
  "WorkflowLLMCallCompleted": WorkflowLLMCallCompleted;
  "WorkflowToolCallStarted": WorkflowToolCallStarted;
  "WorkflowToolCallCompleted": WorkflowToolCallCompleted;
  "WorkflowBudgetWarning": WorkflowBudgetWarning;
  "WorkflowBudgetExceeded": WorkflowBudgetExceeded;
  "WorkflowPaused": WorkflowPaused;
  "WorkflowResumed": WorkflowResumed;
  "WorkflowStepStarted": WorkflowStepStarted;
  "WorkflowStepCompleted": WorkflowStepCompleted;
  "chat.status": ChatStatus;
  "chat.specialist_activated": ChatSpecialistActivated;
  "chat.specialist_update": ChatSpecialistUpdate;
  "chat.specialist_complete": ChatSpecialistComplete;
  "chat.progress": ChatProgress;
  "chat.thinking": ChatThinking;
  "chat.tool_call": ChatToolCall;
  "chat.partial_result": ChatPartialResult;
  "chat.synthesis": ChatSynthesis;
  "chat.text": ChatText;
  "chat.timeout": ChatTimeout;
  "chat.batch": ChatBatch;
  "chat.error": ChatError;
  "chat.complete": ChatComplete;
  "session.info": SessionInfo;
  "session.data": SessionData;
  "session.error": SessionError;
  "session.completion": SessionCompletion;
  "task.submitted": TaskSubmitted;
  "task.cancelled": TaskCancelled;
}

export type JetbridgeEvent =
  | { type: "agent.status"; data: AgentStatus }
  | { type: "calculation.progress"; data: CalculationProgress }
  | { type: "alarm.update"; data: AlarmUpdate }
  | { type: "metrics.update"; data: MetricsUpdate }
  | { type: "WorkflowStarted"; data: WorkflowStarted }
  | { type: "WorkflowCompleted"; data: WorkflowCompleted }
  | { type: "WorkflowFailed"; data: WorkflowFailed }
  | { type: "WorkflowLLMCallStarted"; data: WorkflowLLMCallStarted }
  | { type: "WorkflowLLMCallCompleted"; data: WorkflowLLMCallCompleted }
  | { type: "WorkflowToolCallStarted"; data: WorkflowToolCallStarted }
  | { type: "WorkflowToolCallCompleted"; data: WorkflowToolCallCompleted }
  | { type: "WorkflowBudgetWarning"; data: WorkflowBudgetWarning }
  | { type: "WorkflowBudgetExceeded"; data: WorkflowBudgetExceeded }
  | { type: "WorkflowPaused"; data: WorkflowPaused }
  | { type: "WorkflowResumed"; data: WorkflowResumed }
  | { type: "WorkflowStepStarted"; data: WorkflowStepStarted }
  | { type: "WorkflowStepCompleted"; data: WorkflowStepCompleted }
  | { type: "chat.status"; data: ChatStatus }
  | { type: "chat.specialist_activated"; data: ChatSpecialistActivated }
  | { type: "chat.specialist_update"; data: ChatSpecialistUpdate }
  | { type: "chat.specialist_complete"; data: ChatSpecialistComplete }
  | { type: "chat.progress"; data: ChatProgress }
  | { type: "chat.thinking"; data: ChatThinking }
  | { type: "chat.tool_call"; data: ChatToolCall }
  | { type: "chat.partial_result"; data: ChatPartialResult }
  | { type: "chat.synthesis"; data: ChatSynthesis }
  | { type: "chat.text"; data: ChatText }
  | { type: "chat.timeout"; data: ChatTimeout }
  | { type: "chat.batch"; data: ChatBatch }
  | { type: "chat.error"; data: ChatError }
  | { type: "chat.complete"; data: ChatComplete }
  | { type: "session.info"; data: SessionInfo }
  | { type: "session.data"; data: SessionData }
  | { type: "session.error"; data: SessionError }
  | { type: "session.completion"; data: SessionCompletion }
  | { type: "task.submitted"; data: TaskSubmitted }
  | { type: "task.cancelled"; data: TaskCancelled };

export const EVENT_TYPES = [
  "agent.status",
  "calculation.progress",
  "alarm.update",
  "metrics.update",
  "WorkflowStarted",
  "WorkflowCompleted",
  "WorkflowFailed",
  "WorkflowLLMCallStarted",
  "WorkflowLLMCallCompleted",
  "WorkflowToolCallStarted",
  "WorkflowToolCallCompleted",
  "WorkflowBudgetWarning",
  "WorkflowBudgetExceeded",
  "WorkflowPaused",
  "WorkflowResumed",
  "WorkflowStepStarted",
  "WorkflowStepCompleted",
  "chat.status",
  "chat.specialist_activated",
  "chat.specialist_update",
  "chat.specialist_complete",
  "chat.progress",
  "chat.thinking",
  "chat.tool_call",
  "chat.partial_result",
  "chat.synthesis",
  "chat.text",
  "chat.timeout",
  "chat.batch",
  "chat.error",
  "chat.complete",
  "session.info",
  "session.data",
  "session.error",
  "session.completion",
  "task.submitted",
  "task.cancelled",
] as const;

/** The data of each type. */
export interface ControlEventDataByType {
  "connected": Connected;
  "heartbeat": Heartbeat;
  "caught-up": CaughtUp;
  "gap": Gap;
  "snapshot-end": SnapshotEnd;
  "draining": Draining;
  "unavailable": Unavailable;
}

export type JetbridgeControlEvent =
  | { type: "connected"; data: Connected }
  | { type: "heartbeat"; data: Heartbeat }
  | { type: "caught-up"; data: CaughtUp }
  | { type: "gap"; data: Gap }
  | { type: "snapshot-end"; data: SnapshotEnd }
  | { type: "draining"; data: Draining }
  | { type: "unavailable"; data: Unavailable };

export const CONTROL_TYPES = [
  "connected",
  "heartbeat",
  "caught-up",
  "gap",
  "snapshot-end",
  "draining",
  "unavailable",
] as const;
