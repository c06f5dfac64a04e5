import { EventSource } from "eventsource";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, eventSourceTransport } from "../../src/index.ts";
import { Bridge } from "../support/bridge.ts";
import { range, recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

const bridge = new Bridge();
beforeAll(() => bridge.start());
afterAll(() => bridge.stop());

test("a standard EventSource resumes over a restart of the bridge", async () => {
  const transport = eventSourceTransport(EventSource as typeof globalThis.EventSource);
  const options = { url: bridge.url, agent: "a", types: ["note"], transport, maxRetryMs: 200 };
  const stream = connect(options);
  const seen = recording(stream);
  await eventually(() => stream.status.state === "live");
  await bridge.publishNumbers("a", 1, 5);
  await eventually(() => seen.events.length === 5);
  await bridge.stopBridge("SIGKILL");
  await bridge.publishNumbers("a", 6, 10);
  await bridge.startBridge();
  await eventually(() => seen.numbers().at(-1) === 10);
  expect(seen.numbers()).toEqual(range(1, 10));
  stream.close();
});
