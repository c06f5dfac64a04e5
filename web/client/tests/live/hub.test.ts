import { afterAll, beforeAll, expect, test } from "vitest";
import { Hub } from "../../src/index.ts";
import { MemoryLocks } from "../../src/testing/index.ts";
import { Bridge } from "../support/bridge.ts";
import { range, recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

const bridge = new Bridge();
beforeAll(() => bridge.start());
afterAll(() => bridge.stop());

const live = (...subscriptions: { status: { state: string } }[]) =>
  eventually(() => subscriptions.every(({ status }) => status.state === "live"));

test("two tabs have one connection; when its tab is closed, the other goes on", async () => {
  const shared = { url: bridge.url, tabs: "two", locks: new MemoryLocks(), maxRetryMs: 200 };
  const [first, second] = [new Hub(shared), new Hub(shared)];
  const [a, b] = [first.subscribe({ agent: "a" }), second.subscribe({ agent: "b" })];
  const [seenA, seenB] = [recording(a), recording(b)];
  await live(a, b);
  expect(await bridge.clients()).toBe(1);
  await bridge.publishNumbers("a", 1, 10);
  await bridge.publishNumbers("b", 1, 10);
  await eventually(() => seenA.events.length === 10 && seenB.events.length === 10);
  first.close();
  await bridge.publishNumbers("b", 11, 20);
  await eventually(() => seenB.events.length === 20);
  expect(seenA.numbers()).toEqual(range(1, 10));
  expect(seenB.numbers()).toEqual(range(1, 20));
  await eventually(async () => (await bridge.clients()) === 1);
  second.close();
});

test("subscriptions of one hub share a connection, with and without a past", async () => {
  await bridge.publishNumbers("c", 1, 50);
  const hub = new Hub({ url: bridge.url, maxRetryMs: 200 });
  const past = hub.subscribe({ agent: "c", from: "earliest" });
  const present = hub.subscribe({ agents: ["c", "d"] });
  const [seenPast, seenPresent] = [recording(past), recording(present)];
  await live(past, present);
  await bridge.publishNumbers("c", 51, 60);
  await eventually(() => seenPast.events.length === 60 && seenPresent.events.length === 10);
  expect(seenPast.numbers()).toEqual(range(1, 60));
  expect(seenPresent.numbers()).toEqual(range(51, 60));
  await eventually(async () => (await bridge.clients()) === 1);
  hub.close();
});

test("a hub misses nothing while the bridge is restarted", async () => {
  const hub = new Hub({ url: bridge.url, maxRetryMs: 200 });
  const subscriptions = ["e", "f"].map((agent) => hub.subscribe({ agent, from: "earliest" }));
  const seen = subscriptions.map(recording);
  await live(...subscriptions);
  for (const agent of ["e", "f"]) await bridge.publishNumbers(agent, 1, 5);
  await bridge.stopBridge("SIGKILL");
  for (const agent of ["e", "f"]) await bridge.publishNumbers(agent, 6, 10);
  await bridge.startBridge();
  for (const agent of ["e", "f"]) await bridge.publishNumbers(agent, 11, 15);
  await eventually(() => seen.every((each) => each.numbers().at(-1) === 15));
  for (const each of seen) expect(each.numbers()).toEqual(range(1, 15));
  hub.close();
});
