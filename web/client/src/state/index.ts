export { bySeverity, SEVERITIES } from "./alarms.ts";
export type { Newest, PlantState } from "./plant.ts";
export { initialPlantState, reducePlant } from "./plant.ts";
export type { Point, Series } from "./series.ts";
export { extendSeries } from "./series.ts";
export type { OrchestratorStatus, SpecialistState, SSEMessage, SystemState } from "./system.ts";
export { initialSystemState, reduceSSEMessage } from "./system.ts";
export type { TaskPhase, TaskState } from "./task.ts";
export { initialTaskState, reduceTask } from "./task.ts";
