import { describe, expect, test } from "vitest";
import type { StreamEvent } from "../../src/index.ts";
import {
  bySeverity,
  extendSeries,
  initialPlantState,
  initialTaskState,
  reducePlant,
  reduceTask,
} from "../../src/state/index.ts";

const event = (id: number, type: string, data: object, time = "2026-01-01T00:00:00Z") =>
  ({ id, type, data, time }) as unknown as StreamEvent;

const status = (id: number, agent_id: string, status: string) =>
  event(id, "agent.status", { agent_id, status });

describe("a plant", () => {
  test("is the newest of each thing", () => {
    const state = reducePlant(initialPlantState, [
      status(1, "a", "IDLE"),
      status(2, "b", "IDLE"),
      status(3, "a", "RUNNING"),
      event(4, "calculation.progress", { job_id: "j", agent_id: "a", progress_percent: 5 }),
    ]);
    expect([...state.agents.values()].map((it) => [it.agent_id, it.status, it.id])).toEqual([
      ...[
        ["a", "RUNNING", 3],
        ["b", "IDLE", 2],
      ],
    ]);
    expect(state.jobs.get("j")).toMatchObject({ progress_percent: 5, id: 4 });
  });

  test("copies only what changes", () => {
    const one = reducePlant(initialPlantState, [status(1, "a", "IDLE")]);
    const two = reducePlant(one, [
      event(2, "metrics.update", { source_id: "a", metrics: { t: 1 } }),
    ]);
    expect(two.agents).toBe(one.agents);
    expect(one.metrics.size).toBe(0);
    expect(reducePlant(two, [event(3, "note", {})])).toBe(two);
  });

  test("knows every metric, even if they are sent one by one", () => {
    const send = (id: number, metrics: object) =>
      event(id, "metrics.update", { source_id: "a", metrics });
    const state = reducePlant(initialPlantState, [send(1, { t: 1, p: 2 }), send(2, { t: 3 })]);
    expect(state.metrics.get("a")?.metrics).toEqual({ t: 3, p: 2 });
  });
});

test("alarms are sorted by gravity, then by age", () => {
  const alarm = (id: number, severity: "INFO" | "ALERT") => ({
    ...{ id, severity, alarm_id: String(id), agent_id: "a", message: "" },
  });
  const sorted = bySeverity([alarm(1, "ALERT"), alarm(2, "INFO"), alarm(3, "ALERT")]);
  expect(sorted.map(({ id }) => id)).toEqual([3, 1, 2]);
});

test("series keep the newest points, at the times at which they were stored", () => {
  const at = (second: number, t: number) =>
    event(
      second,
      "metrics.update",
      { source_id: "a", metrics: { t } },
      `2026-01-01T00:00:0${second}Z`,
    );
  const options = { keep: 2, now: 0 };
  const some = extendSeries(new Map(), [at(1, 10), at(2, 20)], options);
  const more = extendSeries(some, [at(3, 30), event(4, "note", {})], options);
  const start = Date.parse("2026-01-01T00:00:00Z");
  expect(more.get("t")).toEqual([
    { at: start + 2000, value: 20 },
    { at: start + 3000, value: 30 },
  ]);
  expect(some.get("t")).toHaveLength(2);
  expect(extendSeries(more, [], options)).toBe(more);
});

describe("a task", () => {
  const told = (...events: [string, object?][]) =>
    events
      .map(([type, data = {}], id) => event(id, type, data))
      .reduce(reduceTask, initialTaskState);

  test("is pending, runs, pauses, goes on, and is completed", () => {
    const steps: [string, object?][] = [
      ["task.submitted"],
      ["WorkflowStarted", { budget: 2 }],
      ["WorkflowPaused"],
      ["WorkflowResumed"],
      ["WorkflowCompleted", { result: { x: 1 }, final_response: "42" }],
    ];
    const phases = steps.map((_, n) => told(...steps.slice(0, n + 1)).phase);
    expect(phases).toEqual(["pending", "running", "paused", "running", "completed"]);
    expect(told(...steps)).toMatchObject({ result: { x: 1 }, finalResponse: "42", budget: 2 });
  });

  test("adds up its calls and their cost, against its budget", () => {
    const state = told(
      ["WorkflowStepStarted", { step: 1, total_steps: 3 }],
      ["WorkflowLLMCallStarted"],
      ["WorkflowLLMCallCompleted", { cost: 0.25 }],
      ["WorkflowToolCallStarted"],
      ["WorkflowToolCallCompleted", { cost: 0.5 }],
      ["WorkflowBudgetWarning", { budget: 1, spent: 0.8 }],
    );
    expect(state).toMatchObject({
      ...{ step: 1, totalSteps: 3, llmCalls: 1, toolCalls: 1 },
      ...{ cost: 0.8, budget: 1, budgetState: "warning" },
    });
    expect(reduceTask(state, event(9, "WorkflowBudgetExceeded", {})).budgetState).toBe("exceeded");
  });

  test("fails with an error, or is cancelled with a reason", () => {
    expect(told(["WorkflowFailed", { error: "boom" }])).toMatchObject({
      phase: "failed",
      error: "boom",
    });
    expect(told(["task.cancelled", { reason: "late" }])).toMatchObject({
      ...{ phase: "cancelled", error: "late" },
    });
  });
});
