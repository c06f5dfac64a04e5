import { afterEach, expect, test } from "vitest";
import { Hub } from "../../src/index.ts";
import { JetbridgeProvider, type TaskView, useTask } from "../../src/react/index.ts";
import { connected, frame, scriptedFetch } from "../../src/testing/index.ts";
import { show } from "../support/dom.ts";
import { eventually } from "../support/waiting.ts";

let view: TaskView;
let leave = () => {};
afterEach(() => leave());

function Task() {
  view = useTask("a", "t");
  const { phase, cost, finalResponse } = view.task;
  return `${phase} ${cost} ${finalResponse} ${view.events.length}`;
}

const told = { agent_id: "a", task_id: "t", timestamp: "" };

test("a task is shown from its first event to its end", async () => {
  const fetch = scriptedFetch([
    ...[connected(0), frame(1, "WorkflowStarted", told), 20],
    frame(2, "WorkflowLLMCallCompleted", { ...told, cost: 0.5 }),
    frame(3, "WorkflowCompleted", { ...told, final_response: "42" }),
  ]);
  const { text, leave: close } = await show(
    <JetbridgeProvider hub={new Hub({ fetch })}>
      <Task />
    </JetbridgeProvider>,
  );
  leave = close;
  await eventually(() => text() === "completed 0.5 42 3");
  expect(view.status).toMatchObject({ state: "ended", reason: "complete" });
  expect(fetch.requests.map(({ url }) => url)).toEqual(["/api/v1/agents/a/tasks/t/events/stream"]);
});

test("a task can be paused from its page", async () => {
  const fetch = scriptedFetch({ hang: [connected(0)] }, { status: 200, body: '{"id":"t"}' });
  const { leave: close } = await show(
    <JetbridgeProvider hub={new Hub({ fetch })}>
      <Task />
    </JetbridgeProvider>,
  );
  leave = close;
  await eventually(() => view.status.state === "replaying");
  expect(await view.pause()).toEqual({ id: "t" });
  expect(fetch.requests.at(-1)).toMatchObject({
    ...{ method: "POST", url: "/api/v1/agents/a/tasks/t/pause" },
  });
});
