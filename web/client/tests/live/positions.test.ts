import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, forgetClient, showClient } from "../../src/index.ts";
import { Bridge } from "../support/bridge.ts";
import { range, recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

const bridge = new Bridge();
beforeAll(() => bridge.start());
afterAll(() => bridge.stop());

interface Notes {
  note: { n: number };
}

const at = () => ({ url: bridge.url, maxRetryMs: 200 });

describe("where a stream begins", () => {
  test("is the present, if nothing else is said", async () => {
    await bridge.publishNumbers("present", 1, 3);
    const stream = connect({ ...at(), agent: "present" });
    const seen = recording(stream);
    await eventually(() => stream.status.state === "live");
    await bridge.publishNumbers("present", 4, 5);
    await eventually(() => seen.events.length === 2);
    expect(seen.numbers()).toEqual([4, 5]);
    stream.close();
  });

  test("can be the beginning, a sequence, an id or a time", async () => {
    await bridge.publishNumbers("past", 1, 5);
    const ids = await numbersOf({ from: "earliest" }, 5, ({ id }) => id);
    expect(await numbersOf({ from: "earliest" }, 5)).toEqual(range(1, 5));
    expect(await numbersOf({ from: ids[2] as number }, 3)).toEqual([3, 4, 5]);
    expect(await numbersOf({ lastEventId: ids[2] as number }, 2)).toEqual([4, 5]);
    expect(await numbersOf({ since: "1h" }, 5)).toEqual(range(1, 5));
    expect(await numbersOf({ since: new Date(0) }, 5)).toEqual(range(1, 5));
  });

  async function numbersOf(start: object, count: number, what = numberOf) {
    const found: number[] = [];
    for await (const item of connect({ ...at(), agent: "past", ...start })) {
      if (item.type !== "caught-up") found.push(what(item));
      if (found.length === count) break;
    }
    return found;
  }

  const numberOf = ({ data }: { id: number; data: unknown }) => (data as { n: number }).n;

  test("can be a snapshot: the last event of every subject, then what comes", async () => {
    await bridge.publish({ agent: "pictured", type: "note", data: { n: 1 } });
    await bridge.publish({ agent: "pictured", type: "note", data: { n: 2 } });
    await bridge.publish({ agent: "pictured", type: "other", data: { n: 3 } });
    const stream = connect({ ...at(), agent: "pictured", snapshot: true });
    const seen = recording(stream);
    await eventually(() => stream.status.state === "live");
    await bridge.publish({ agent: "pictured", type: "note", data: { n: 4 } });
    await eventually(() => seen.events.length === 3);
    expect(seen.numbers()).toEqual([2, 3, 4]);
    expect(seen.notices.map(({ type }) => type)).toEqual(["snapshot-end", "caught-up"]);
    stream.close();
  });
});

describe("where a stream ends", () => {
  test("until is an end: the bridge answers 204, and the stream is complete", async () => {
    await bridge.publishNumbers("bounded", 1, 4);
    const last = new Date(Date.now() + 5);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await bridge.publishNumbers("bounded", 5, 6);
    const stream = connect({ ...at(), agent: "bounded", from: "earliest", until: last });
    const seen = recording(stream);
    await eventually(() => stream.status.state === "ended");
    expect(stream.status).toMatchObject({ reason: "complete", error: null });
    expect(seen.numbers()).toEqual([1, 2, 3, 4]);
  });

  test("limit is an end that needs no answer", async () => {
    await bridge.publishNumbers("limited", 1, 9);
    const numbers: number[] = [];
    const stream = connect({ ...at(), agent: "limited", from: "earliest", limit: 3 });
    stream.on("note", ({ data }) => numbers.push(data.n as number));
    await eventually(() => stream.status.state === "ended");
    expect(numbers).toEqual([1, 2, 3]);
  });

  test("a refusal is an end that says why", async () => {
    const stream = connect({ ...at(), since: "yesterday" });
    recording(stream);
    await eventually(() => stream.status.state === "ended");
    expect(stream.status).toMatchObject({
      reason: "refused",
      error: { status: 400, message: expect.stringContaining("yesterday") },
    });
  });
});

test("events that are gone are a gap, told before what is left", async () => {
  const agent = "purged";
  await bridge.publishNumbers(agent, 1, 2);
  const first = connect({ ...at(), agent, from: "earliest" });
  const before = recording(first);
  await eventually(() => before.events.length === 2);
  first.close();
  await bridge.publishNumbers(agent, 3, 5);
  const last = await bridge.publish({ agent, data: { n: 6 } });
  const manager = await (await bridge.connection()).jetstreamManager();
  await manager.streams.purge("EVT", { seq: last });
  const lastEventId = before.ids()[1] as number;
  const types: string[] = [];
  for await (const item of connect<Notes>({ ...at(), agent, lastEventId })) {
    types.push(item.type);
    if (item.type === "gap") {
      const requested = lastEventId + 1;
      expect(item.data).toEqual({ requested, first_available: last, reason: "purged" });
    }
    if (item.type === "note") break;
  }
  expect(types).toEqual(["gap", "note"]);
});

test("the agent, job and time of events can be had", async () => {
  const stream = connect({ ...at(), job: "job/ü", types: ["*"], format: "cloudevents" });
  const seen = recording(stream);
  await eventually(() => stream.status.state === "live");
  const encoded = `=${Buffer.from("job/ü").toString("base64url")}`;
  const id = await bridge.publish({ agent: "told", job: encoded, data: { n: 1 } });
  await eventually(() => seen.events.length === 1);
  expect(seen.events[0]).toEqual({
    ...{ id, type: "note", agent: "told", job: "job/ü", data: { n: 1 } },
    time: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  stream.close();
});

describe("a durable client", () => {
  test("goes on without any id where it has acked", async () => {
    const client = { ...at(), agent: "durable", clientId: "tab/1", ack: "explicit" } as const;
    const first = connect(client);
    const seen = recording(first);
    await eventually(() => first.status.state === "live");
    expect(first.connected).toMatchObject({ durable: true, client_id: "tab/1" });
    await bridge.publishNumbers("durable", 1, 5);
    await eventually(() => seen.events.length === 5);
    await first.ack(seen.ids()[2] as number);
    first.close();
    const [cursor] = await eventually(async () => {
      const { cursors } = await showClient(at(), "tab/1");
      return cursors[0]?.position === seen.ids()[2] && cursors;
    });
    expect(cursor).toMatchObject({ filters: { agents: ["durable"] } });
    const second = connect(client);
    const again = recording(second);
    await eventually(() => again.events.length === 2);
    expect(again.numbers()).toEqual([4, 5]);
    second.close();
    await forgetClient(at(), "tab/1");
    await expect(showClient(at(), "tab/1")).rejects.toMatchObject({ status: 404 });
  });

  test("cannot ack what it has not got", async () => {
    const stream = connect({ ...at(), agent: "hasty", clientId: "hasty", ack: "explicit" });
    recording(stream);
    await eventually(() => stream.status.state === "live");
    await expect(stream.ack((stream.cursor ?? 0) + 1000)).rejects.toMatchObject({ status: 409 });
    stream.close();
  });

  test("without a name cannot ack", async () => {
    await expect(connect(at()).ack(1)).rejects.toThrow("clientId");
  });
});
