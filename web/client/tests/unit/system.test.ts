import { describe, expect, test } from "vitest";
import {
  initialSystemState,
  reduceSSEMessage,
  type SSEMessage,
  type SystemState,
} from "../../src/state/index.ts";

const after = (...messages: SSEMessage[]): SystemState =>
  messages.reduce(reduceSSEMessage, initialSystemState);

describe("the orchestrator", () => {
  test("is idle, thinks, delegates, synthesizes, and is idle again", () => {
    expect(after().orchestratorStatus).toBe("idle");
    const steps: SSEMessage[] = [
      { type: "status", message: "Analyzing…" },
      { type: "specialist_activated", specialist: "A" },
      { type: "synthesis", message: "Combining…" },
      { type: "complete", result: { answer: "42" } },
    ];
    const told = steps.map((_, n) => after(...steps.slice(0, n + 1)).orchestratorStatus);
    expect(told).toEqual(["thinking", "delegating", "synthesizing", "idle"]);
    expect(after(...steps)).toMatchObject({ finished: true, error: null });
    expect(after(...steps).results.get("")).toEqual({ answer: "42" });
  });

  test("shows the thoughts that are meant to be seen", () => {
    const state = after(
      { type: "thinking", thought: "aloud", visible: true },
      { type: "thinking", thought: "in private", visible: false },
      { type: "thinking", thought: "unsaid" },
    );
    expect(state.thoughts).toEqual(["aloud", "unsaid"]);
  });
});

describe("a specialist", () => {
  test("is active with its task, gets on, and is done with its result", () => {
    const activated: SSEMessage = {
      type: "specialist_activated",
      specialist: "A",
      task: "t",
      icon: "📊",
    };
    expect(after(activated).specialists.get("A")).toEqual({
      status: "active",
      task: "t",
      icon: "📊",
    });
    const working = after(
      activated,
      { type: "progress", specialist: "A", progress: 65, current_action: "reading" },
      { type: "tool_call", specialist: "A", tool: "query" },
      { type: "specialist_update", specialist: "A", status: "writing" },
    );
    expect(working.specialists.get("A")).toEqual({
      ...{ status: "writing", task: "t", icon: "📊", progress: 65 },
      ...{ currentAction: "reading", tool: "query" },
    });
    const done = reduceSSEMessage(working, {
      type: "specialist_complete",
      specialist: "A",
      result: 7,
    });
    expect(done.specialists.get("A")).toMatchObject({ status: "complete", progress: 100 });
    expect(done.results.get("A")).toBe(7);
  });

  test("has results before it is done", () => {
    const state = after({ type: "partial_result", specialist: "R", result: { risk: 7.2 } });
    expect(state.results.get("R")).toEqual({ risk: 7.2 });
  });
});

test("text is put together", () => {
  expect(after({ type: "text", content: "a" }, { type: "text", content: "b" }).text).toBe("ab");
});

test("a batch is what its messages are", () => {
  const updates = [
    { type: "text", content: "a" },
    { type: "timeout", message: "longer" },
  ];
  expect(after({ type: "batch", updates })).toEqual(
    after({ type: "text", content: "a" }, { type: "timeout", message: "longer" }),
  );
});

test("an error ends the turn and is told", () => {
  expect(after({ type: "error", message: "broken" })).toMatchObject({
    ...{ error: "broken", finished: true },
  });
});

test("a state that was given away is never changed, and unknown messages change nothing", () => {
  const state = after({ type: "specialist_activated", specialist: "A" });
  const before = new Map(state.specialists);
  reduceSSEMessage(state, { type: "specialist_activated", specialist: "B" });
  expect(state.specialists).toEqual(before);
  expect(reduceSSEMessage(state, { type: "heartbeat" })).toBe(state);
});
