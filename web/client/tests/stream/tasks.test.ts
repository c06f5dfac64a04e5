import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, Tasks } from "../../src/index.ts";
import { caughtUp, connected, frame } from "../../src/testing/index.ts";
import { HttpServer, json, type Route, stream } from "../support/http-server.ts";
import { recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

const told = { agent_id: "a/1", task_id: "t1", timestamp: "2026-01-01T00:00:00Z" };
const FRAMES = [
  connected(0),
  frame(1, "WorkflowStarted", told),
  caughtUp(1),
  frame(2, "WorkflowCompleted", { ...told, result: 42 }),
];

const routes: Route = ({ line }, answer) => {
  if (line === "POST /api/v1/agents/a%2F1/tasks") json(answer, 201, { id: "t1" });
  else if (line.endsWith("/execute")) json(answer, 202, { id: "t1" });
  else if (line.endsWith("/events/stream")) stream(answer, FRAMES);
  else if (line === "GET /api/v1/agents/a%2F1/tasks/gone") json(answer, 404, { detail: "no task" });
  else json(answer, 200, { id: "t1", asked: line });
};

const server = new HttpServer(routes);
let tasks: Tasks;
beforeAll(async () => {
  await server.start();
  tasks = new Tasks({ url: server.url, token: () => "secret" });
});
afterAll(() => server.stop());

test("a task is created, executed and followed to its end", async () => {
  const task = await tasks.run("a/1", { description: "why?", task_parameters: { model: "m" } });
  const results: unknown[] = [];
  for await (const event of task) {
    if (event.type === "WorkflowCompleted") results.push(event.data.result);
  }
  expect(results).toEqual([42]);
  expect(task.status).toMatchObject({ state: "ended", reason: "complete" });
  expect(server.lines).toEqual([
    "POST /api/v1/agents/a%2F1/tasks",
    "POST /api/v1/agents/a%2F1/tasks/t1/execute",
    "GET /api/v1/agents/a%2F1/tasks/t1/events/stream",
  ]);
  expect(server.asked[1]?.body).toEqual({ query: "why?", enable_streaming: true });
  for (const { headers } of server.asked) expect(headers.authorization).toBe("Bearer secret");
});

test("the stream of a task ends with the task, without asking again", async () => {
  const before = server.asked.length;
  const stream = connect({ url: server.url, task: { agent: "a/1", id: "t1" } });
  const seen = recording(stream);
  await eventually(() => stream.status.state === "ended");
  expect(seen.ids()).toEqual([1, 2]);
  expect(server.asked).toHaveLength(before + 1);
});

test.each(["pause", "resume", "cancel"] as const)("a task can be asked to %s", async (verb) => {
  const path = `POST /api/v1/agents/a%2F1/tasks/t1/${verb}`;
  expect(await tasks[verb]("a/1", "t1")).toMatchObject({ asked: path });
});

test("state, events and agents can be asked for", async () => {
  const path = "GET /api/v1/agents/a%2F1/tasks/t1";
  expect(await tasks.show("a/1", "t1")).toMatchObject({ asked: path });
  expect(await tasks.events("a/1", "t1")).toMatchObject({ asked: `${path}/events` });
  expect(await tasks.agents()).toMatchObject({ asked: "GET /api/v1/agents" });
});

test("batch mode is asked for by not streaming", async () => {
  await tasks.executeBatch("a/1", "t1", "q");
  expect(server.asked.at(-1)?.body).toEqual({ query: "q", enable_streaming: false });
});

test("what is refused is an error with the bridge's words", async () => {
  const refused = { name: "RefusedError", status: 404, message: "no task" };
  await expect(tasks.show("a/1", "gone")).rejects.toMatchObject(refused);
});
