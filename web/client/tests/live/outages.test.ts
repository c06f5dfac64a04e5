import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type StreamEvent, type Subscription } from "../../src/index.ts";
import { Bridge } from "../support/bridge.ts";
import { range, recording } from "../support/listening.ts";
import { recordedFetch } from "../support/recorded-fetch.ts";
import { eventually } from "../support/waiting.ts";

const bridge = new Bridge({
  JETBRIDGE_HEARTBEAT_INTERVAL_SECONDS: "0.2",
  JETBRIDGE_DRAIN_SECONDS: "1",
});
beforeAll(() => bridge.start());
afterAll(() => bridge.stop());

const live = (stream: Subscription<StreamEvent>) =>
  eventually(() => stream.status.state === "live");

describe("nothing is missing and nothing doubled", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)("after the bridge got %s", async (signal) => {
    const agent = `restarted-by-${signal}`;
    const stream = connect({ url: bridge.url, agent, maxRetryMs: 200 });
    const seen = recording(stream);
    await live(stream);
    await bridge.publishNumbers(agent, 1, 20);
    await eventually(() => seen.events.length === 20);
    await bridge.stopBridge(signal);
    await bridge.publishNumbers(agent, 21, 40);
    await eventually(() => stream.status.state === "offline");
    await bridge.startBridge();
    await bridge.publishNumbers(agent, 41, 60);
    await eventually(() => seen.numbers().at(-1) === 60);
    expect(seen.numbers()).toEqual(range(1, 60));
    expect(seen.notices.map(({ type }) => type)).not.toContain("gap");
    stream.close();
  });

  test("after nats-server was killed and came back", async () => {
    const agent = "outage-of-nats";
    const stream = connect({ url: bridge.url, agent, maxRetryMs: 200 });
    const seen = recording(stream);
    await live(stream);
    await bridge.publishNumbers(agent, 1, 10);
    await bridge.nats.kill();
    await bridge.nats.start();
    await eventually(() => bridge.publish({ agent, data: { n: 11 }, id: "eleven" }));
    await bridge.publishNumbers(agent, 12, 20);
    await eventually(() => seen.numbers().at(-1) === 20);
    expect(seen.numbers()).toEqual(range(1, 20));
    stream.close();
  });
});

test("a bridge that drains says so, and when to come back", async () => {
  const stream = connect({ url: bridge.url, agent: "drained", maxRetryMs: 200 });
  const reasons: string[] = [];
  stream.onStatus((status) => status.state === "offline" && reasons.push(status.reason));
  await live(stream);
  await bridge.stopBridge("SIGTERM");
  await eventually(() => reasons.length > 0);
  expect(reasons[0]).toBe("draining");
  await bridge.startBridge();
  await live(stream);
  stream.close();
});

test("a bridge that is frozen is noticed by its silence, and its stream resumed", async () => {
  const agent = "frozen";
  const fetch = recordedFetch();
  const stream = connect({ url: bridge.url, agent, fetch, silenceMs: 700, maxRetryMs: 100 });
  const seen = recording(stream);
  const reasons: string[] = [];
  stream.onStatus((status) => status.state === "offline" && reasons.push(status.reason));
  await live(stream);
  await bridge.publishNumbers(agent, 1, 3);
  await eventually(() => seen.events.length === 3);
  bridge.signalBridge("SIGSTOP");
  await eventually(() => reasons.length > 0);
  await bridge.publishNumbers(agent, 4, 6);
  bridge.signalBridge("SIGCONT");
  await eventually(() => seen.numbers().at(-1) === 6);
  expect(reasons[0]).toBe("silence");
  expect(seen.numbers()).toEqual(range(1, 6));
  expect(Number(fetch.headers[1]?.get("last-event-id"))).toBeGreaterThanOrEqual(seen.ids()[2] ?? 0);
  stream.close();
});

test("heartbeats keep the watchdog quiet, and move the cursor of a quiet stream", async () => {
  const fetch = recordedFetch();
  const stream = connect({ url: bridge.url, agent: "quiet", fetch, silenceMs: 1500 });
  await live(recorded(stream));
  const busy = await bridge.publish({ agent: "busy" });
  await eventually(() => (stream.cursor ?? 0) >= busy);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(fetch.headers).toHaveLength(1);
  stream.close();
});

test("a token is asked for anew when the stream is resumed", async () => {
  const fetch = recordedFetch();
  let number = 0;
  const token = async () => `token-${++number}`;
  const stream = connect({ url: bridge.url, agent: "renewed", fetch, token, maxRetryMs: 200 });
  await live(recorded(stream));
  await bridge.stopBridge("SIGKILL");
  await bridge.startBridge();
  await eventually(() => stream.status.state === "live" && fetch.headers.length > 1);
  const sent = fetch.headers.map((headers) => headers.get("authorization"));
  expect(sent).toEqual(range(1, sent.length).map((n) => `Bearer token-${n}`));
  stream.close();
});

function recorded<S extends Subscription<StreamEvent>>(stream: S): S {
  recording(stream);
  return stream;
}
