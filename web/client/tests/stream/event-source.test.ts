import { afterEach, beforeEach, expect, test } from "vitest";
import { connect, eventSourceTransport } from "../../src/index.ts";
import { MockEventSource } from "../../src/testing/index.ts";
import { recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

beforeEach(() => {
  MockEventSource.instances = [];
});

const open = (options = {}) => {
  const transport = eventSourceTransport(MockEventSource);
  const stream = connect({ url: "http://b", transport, maxRetryMs: 5, ...options });
  opened.push(stream);
  return stream;
};

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const stream of opened.splice(0)) stream.close();
});

test("the browser's EventSource can be the transport", async () => {
  const stream = open({ agent: "a", types: ["note", "agent.*"] });
  const seen = recording(stream);
  const source = await eventually(() => MockEventSource.instances[0]);
  expect(source.url).toBe("http://b/api/v1/stream/agents/a?event_types=note%2Cagent.*");
  source.emit("connected", { cursor: 1, first_seq: 1, last_seq: 1 }, 1);
  source.emit("note", { n: 2 }, 2);
  source.emit("agent.status", { agent_id: "a", status: "IDLE" }, 3);
  source.emit("caught-up", { last_seq: 3, replayed: 0 }, 3);
  expect(seen.ids()).toEqual([2, 3]);
  expect(stream.status.state).toBe("live");
});

test("a connection that is cut is resumed by a query parameter", async () => {
  const stream = open();
  const seen = recording(stream);
  const first = await eventually(() => MockEventSource.instances[0]);
  first.emit("agent.status", {}, 7);
  first.cut();
  const second = await eventually(() => MockEventSource.instances[1]);
  expect(first.readyState).toBe(MockEventSource.CLOSED);
  expect(second.url).toBe("http://b/api/v1/stream/events?last_event_id=7");
  second.emit("agent.status", {}, 7);
  second.emit("agent.status", {}, 8);
  expect(seen.ids()).toEqual([7, 8]);
});

test("an answer that is no stream ends it: before it was open, with an error", async () => {
  const refused = open();
  recording(refused);
  (await eventually(() => MockEventSource.instances[0])).refuse();
  await eventually(() => refused.status.state === "ended");
  expect(refused.status).toMatchObject({ reason: "refused", error: { status: 0 } });
  const complete = open({ lastEventId: 5 });
  recording(complete);
  (await eventually(() => MockEventSource.instances[1])).refuse();
  await eventually(() => complete.status.state === "ended");
  expect(complete.status).toMatchObject({ reason: "complete" });
});

test("closing the stream closes the EventSource", async () => {
  const stream = open();
  recording(stream);
  const source = await eventually(() => MockEventSource.instances[0]);
  stream.close();
  await eventually(() => source.readyState === MockEventSource.CLOSED);
});

test("a script plays in every EventSource that is made", async () => {
  const Playing = MockEventSource.playing([
    { data: { type: "status", message: "Starting analysis" } },
    { event: "done", data: { status: "complete" }, wait: 5 },
  ]);
  const source = new Playing("/api/chat/stream?message=hi");
  const told: string[] = [];
  source.onmessage = ({ data }) => told.push(JSON.parse(data).type);
  source.addEventListener("done", () => {
    told.push("done");
    source.close();
  });
  await eventually(() => source.readyState === MockEventSource.CLOSED);
  expect(told).toEqual(["status", "done"]);
});
