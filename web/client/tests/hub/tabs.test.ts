import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Hub } from "../../src/index.ts";
import { MemoryLocks, MockBridge } from "../../src/testing/index.ts";
import { range, recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

let bridge: MockBridge;
let locks: MemoryLocks;
let tabs: Hub[];
let name = 0;

beforeEach(() => {
  bridge = new MockBridge();
  locks = new MemoryLocks();
  tabs = [];
  name++;
});

afterEach(() => {
  for (const tab of tabs) tab.close();
});

function openTab(): Hub {
  const tab = new Hub({ fetch: bridge.fetch, tabs: `test-${name}`, locks, maxRetryMs: 5 });
  tabs.push(tab);
  return tab;
}

const note = (agent: string, n: number) => bridge.publish({ agent, type: "note", data: { n } });
const live = (...subscriptions: { status: { state: string } }[]) =>
  eventually(() => subscriptions.every(({ status }) => status.state === "live"));

test("many tabs have one connection, and each gets what it wants", async () => {
  const subscriptions = ["a", "b", "c"].map((agent) => openTab().subscribe({ agent }));
  const seen = subscriptions.map(recording);
  await live(...subscriptions);
  expect(bridge.clients).toBe(1);
  for (const n of range(1, 30)) note("abc".charAt(n % 3), n);
  await eventually(() => seen.every((each) => each.events.length === 10));
  expect(seen[0]?.numbers()).toEqual(range(1, 30).filter((n) => n % 3 === 0));
  expect(bridge.clients).toBe(1);
});

describe("when the tab with the connection goes away", () => {
  test("another goes on, without a hole and without a doublet", async () => {
    const [first, second, third] = [openTab(), openTab(), openTab()] as const;
    recording(first.subscribe({ agent: "a" }));
    const rest = [second.subscribe({ agent: "a" }), third.subscribe({ agent: "a" })];
    const seen = rest.map(recording);
    await live(...rest);
    for (const n of range(1, 10)) note("a", n);
    await eventually(() => seen.every((each) => each.events.length === 10));
    first.close();
    for (const n of range(11, 20)) note("a", n);
    await eventually(() => seen.every((each) => each.events.length === 20));
    for (const each of seen) expect(each.numbers()).toEqual(range(1, 20));
    await eventually(() => bridge.clients === 1);
  });

  test("the others keep their own filters", async () => {
    const [first, second, third] = [openTab(), openTab(), openTab()] as const;
    recording(first.subscribe());
    const [a, b] = [second.subscribe({ agent: "a" }), third.subscribe({ agent: "b" })];
    const [seenA, seenB] = [recording(a), recording(b)];
    await live(a, b);
    first.close();
    for (const n of range(1, 10)) {
      note(n % 2 ? "a" : "b", n);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await eventually(() => seenA.events.length === 5 && seenB.events.length === 5);
    expect(seenB.numbers()).toEqual([2, 4, 6, 8, 10]);
  });

  test("in the midst of a flood, every tab still gets every event once", async () => {
    const all = [openTab(), openTab(), openTab(), openTab()];
    const subscriptions = all.map((tab) => tab.subscribe({ agent: "a" }));
    const seen = subscriptions.map(recording);
    await live(...subscriptions);
    for (const n of range(1, 1000)) {
      note("a", n);
      if (n === 300) all[0]?.close();
      if (n === 600) all[1]?.close();
      if (n === 700) bridge.cut();
      if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const survivors = seen.slice(2);
    await eventually(() => survivors.every((each) => each.numbers().includes(1000)));
    for (const each of survivors) expect(each.numbers()).toEqual(range(1, 1000));
  });
});

test("a tab that is gone without a word is forgotten", async () => {
  const first = openTab();
  const seen = recording(first.subscribe({ agent: "a" }));
  await eventually(() => bridge.clients === 1);
  const wants: unknown[] = [];
  const spy = new BroadcastChannel(`jetbridge:test-${name}`);
  spy.onmessage = ({ data }) => wants.push(data);
  let die = () => {};
  const gone = new Promise<void>((resolve) => {
    die = resolve;
  });
  void locks.request(`jetbridge:test-${name}:ghost`, () => gone);
  spy.postMessage({ kind: "want", tab: "ghost", filter: { agents: ["ghost"] } });
  await eventually(() => bridge.requests.at(-1)?.includes("agents=a%2Cghost"));
  die();
  await eventually(() => bridge.requests.at(-1)?.includes("agents=a&"), 8000);
  note("a", 1);
  await eventually(() => seen.events.length === 1);
  spy.close();
});

test("a tab that misses a message catches up by itself", async () => {
  const [first, second] = [openTab(), openTab()] as const;
  recording(first.subscribe({ agent: "a" }));
  const b = second.subscribe({ agent: "a" });
  const seen = recording(b);
  await live(b);
  note("a", 1);
  await eventually(() => seen.events.length === 1);
  const liar = new BroadcastChannel(`jetbridge:test-${name}`);
  const missed = range(2, 5).map((n) => note("a", n));
  const batch = { items: [], after: (missed.at(-1) ?? 0) + 1, upto: (missed.at(-1) ?? 0) + 1 };
  liar.postMessage({ kind: "batch", batch });
  await eventually(() => seen.events.length === 5);
  expect(seen.numbers()).toEqual(range(1, 5));
  liar.close();
});

test("without locks each tab has its own connection", async () => {
  const options = { fetch: bridge.fetch, tabs: `test-${name}` };
  tabs.push(new Hub(options), new Hub(options));
  const subscriptions = tabs.map((tab) => tab.subscribe());
  for (const each of subscriptions) recording(each);
  await live(...subscriptions);
  expect(bridge.clients).toBe(2);
});
