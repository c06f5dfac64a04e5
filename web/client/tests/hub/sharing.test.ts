import { afterEach, describe, expect, test } from "vitest";
import { Hub } from "../../src/index.ts";
import { MockBridge } from "../../src/testing/index.ts";
import { range, recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

const hubs: Hub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
});

function setUp() {
  const bridge = new MockBridge();
  const hub = new Hub({ fetch: bridge.fetch, maxRetryMs: 5 });
  hubs.push(hub);
  const note = (agent: string, n: number) => bridge.publish({ agent, type: "note", data: { n } });
  return { bridge, hub, note };
}

const live = (...subscriptions: { status: { state: string } }[]) =>
  eventually(() => subscriptions.every(({ status }) => status.state === "live"));

describe("many subscriptions", () => {
  test("have one connection, and each gets what it wants", async () => {
    const { bridge, hub, note } = setUp();
    const [a, b] = [hub.subscribe({ agent: "a" }), hub.subscribe({ agents: ["b"] })];
    const [seenA, seenB] = [recording(a), recording(b)];
    await live(a, b);
    for (const n of range(1, 20)) note(n % 2 ? "a" : "b", n);
    await eventually(() => seenB.numbers().includes(20));
    expect(seenA.numbers()).toEqual(range(1, 20).filter((n) => n % 2));
    expect(seenB.numbers()).toEqual(range(1, 20).filter((n) => n % 2 === 0));
    expect(bridge.requests).toEqual(["/api/v1/stream/events?agents=a%2Cb&format=cloudevents"]);
  });

  test("know whose an event is, and when it was stored", async () => {
    const { bridge, hub } = setUp();
    const all = hub.subscribe();
    const seen = recording(all);
    await live(all);
    const id = bridge.publish({ agent: "a/ü", job: "j", type: "note" });
    await eventually(() => seen.events.length);
    const { time } = bridge.events[0] ?? {};
    expect(seen.events).toEqual([{ id, type: "note", agent: "a/ü", job: "j", time, data: {} }]);
  });

  test("of a job show its progress alone, unless more is asked for", async () => {
    const { bridge, hub } = setUp();
    const [progress, all] = [
      hub.subscribe({ job: "j" }),
      hub.subscribe({ job: "j", types: ["*"] }),
    ];
    const [some, everything] = [recording(progress), recording(all)];
    await live(progress, all);
    for (const type of ["calculation.progress", "note"])
      bridge.publish({ agent: "a", job: "j", type });
    await eventually(() => everything.events.length === 2);
    expect(some.events.map(({ type }) => type)).toEqual(["calculation.progress"]);
  });

  test("that want nothing ask for nothing", async () => {
    const { bridge, hub } = setUp();
    const none = hub.subscribe({ agents: [], snapshot: true });
    recording(none);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(bridge.requests).toEqual([]);
  });
});

describe("a subscription that comes later", () => {
  test("widens the connection, and the others miss nothing of it", async () => {
    const { bridge, hub, note } = setUp();
    const a = hub.subscribe({ agent: "a" });
    const seen = recording(a);
    await live(a);
    note("a", 1);
    const b = hub.subscribe({ agent: "b" });
    const seenB = recording(b);
    for (const n of range(2, 50)) {
      note("a", n);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await live(b);
    note("b", 51);
    await eventually(() => seenB.numbers().includes(51));
    expect(seen.numbers()).toEqual(range(1, 50));
    expect(bridge.clients).toBe(1);
  });

  test("costs no new connection if it wants what comes already", async () => {
    const { bridge, hub, note } = setUp();
    const all = hub.subscribe();
    recording(all);
    await live(all);
    const a = hub.subscribe({ agent: "a" });
    const seen = recording(a);
    expect(a.status.state).toBe("live");
    note("a", 1);
    await eventually(() => seen.events.length);
    expect(bridge.requests).toHaveLength(1);
  });
});

describe("the past", () => {
  test("comes over a connection of its own, which meets the common one", async () => {
    const { bridge, hub, note } = setUp();
    for (const n of range(1, 10)) note("a", n);
    const all = hub.subscribe();
    recording(all);
    await live(all);
    const a = hub.subscribe({ agent: "a", from: "earliest" });
    const seen = recording(a);
    note("a", 11);
    await live(a);
    note("a", 12);
    await eventually(() => seen.numbers().includes(12));
    expect(seen.numbers()).toEqual(range(1, 12));
    expect(seen.notices.map(({ type }) => type)).toEqual(["caught-up"]);
    expect(bridge.clients).toBe(1);
  });

  test("can be a snapshot", async () => {
    const { hub, note } = setUp();
    for (const n of range(1, 9)) note(n % 2 ? "a" : "b", n);
    const all = hub.subscribe({ snapshot: true });
    const seen = recording(all);
    await live(all);
    note("a", 10);
    await eventually(() => seen.numbers().includes(10));
    expect(seen.numbers()).toEqual([8, 9, 10]);
    expect(seen.notices.map(({ type }) => type)).toEqual(["snapshot-end", "caught-up"]);
  });

  test("has no seam with the present while events keep coming", async () => {
    const { hub, note } = setUp();
    for (const n of range(1, 100)) note("a", n);
    const stop = setInterval(() => note("b", 0), 1);
    const all = [1, 2, 3].map(() => hub.subscribe({ agent: "a", from: "earliest" }));
    const seen = all.map(recording);
    for (const n of range(101, 200)) {
      note("a", n);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    clearInterval(stop);
    await eventually(() => seen.every((each) => each.numbers().includes(200)));
    for (const each of seen) expect(each.numbers()).toEqual(range(1, 200));
  });
});

describe("the connection", () => {
  test("that is cut goes on, and no subscription notices but by its status", async () => {
    const { bridge, hub, note } = setUp();
    const a = hub.subscribe({ agent: "a" });
    const seen = recording(a);
    await live(a);
    note("a", 1);
    await eventually(() => seen.events.length);
    bridge.cut();
    note("a", 2);
    await eventually(() => seen.numbers().includes(2));
    await live(a);
    expect(seen.numbers()).toEqual([1, 2]);
    expect(seen.states).toContain("offline");
  });

  test("that is refused ends what there is; a later subscription tries again", async () => {
    const { bridge, hub } = setUp();
    bridge.answerWith(403);
    const a = hub.subscribe({ agent: "a" });
    recording(a);
    await eventually(() => a.status.state === "ended");
    expect(a.status).toMatchObject({ reason: "refused", error: { status: 403 } });
    bridge.answerWith(200);
    const b = hub.subscribe({ agent: "b" });
    recording(b);
    await live(b);
  });

  test("is the hub's status too", async () => {
    const { hub } = setUp();
    const states: string[] = [];
    hub.onStatus(({ state }) => states.push(state));
    recording(hub.subscribe());
    await eventually(() => hub.status.state === "live");
    expect(states).toEqual(["connecting", "replaying", "live"]);
  });
});

test("a slow loop loses nothing and holds back nobody", async () => {
  const { bridge, hub, note } = setUp();
  const [slow, quick] = [hub.subscribe({ agent: "a" }), hub.subscribe({ agent: "a" })];
  const seen = recording(quick);
  const ids: number[] = [];
  const loop = (async () => {
    for await (const { id, type, data } of slow) {
      if (type === "caught-up") continue;
      ids.push((data as { n: number }).n);
      if (id % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      if (ids.length === 5000) break;
    }
  })();
  await live(slow, quick);
  for (const n of range(1, 5000)) note("a", n);
  await eventually(() => seen.numbers().includes(5000));
  await loop;
  expect(ids).toEqual(range(1, 5000));
  expect(seen.numbers()).toEqual(range(1, 5000));
  await eventually(() => bridge.clients === 1);
});

test("closing the hub ends everything", async () => {
  const { bridge, hub } = setUp();
  const a = hub.subscribe({ agent: "a" });
  recording(a);
  await live(a);
  hub.close();
  expect(a.status).toMatchObject({ state: "ended", reason: "closed" });
  await eventually(() => bridge.clients === 0);
});
