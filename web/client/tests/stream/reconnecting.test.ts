import { describe, expect, test } from "vitest";
import { connect, type Ended, type Offline, type Status } from "../../src/index.ts";
import {
  type Answer,
  caughtUp,
  connected,
  control,
  frame,
  scriptedFetch,
} from "../../src/testing/index.ts";
import { recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

const QUICK = { maxRetryMs: 20 };
const note = (id: number) => frame(id, "note", { n: id });
const soon = (...answers: Answer[]) => scriptedFetch(...answers);

async function ended(stream: { status: Status }): Promise<Ended> {
  return eventually(() => stream.status.state === "ended" && stream.status);
}

describe("a connection that is cut", () => {
  test("goes on after the last id, and gives nothing twice", async () => {
    const fetch = soon([connected(10), note(11), note(12)], [connected(12), note(12), note(13)], {
      status: 204,
    });
    const stream = connect({ fetch, ...QUICK });
    const seen = recording(stream);
    await ended(stream);
    expect(seen.ids()).toEqual([11, 12, 13]);
    expect(fetch.requests.map(({ headers }) => headers["last-event-id"])).toEqual([
      undefined,
      "12",
      "13",
    ]);
  });

  test("before the first event goes on where the server said that delivery begins", async () => {
    const fetch = soon([connected(10)], { status: 204 });
    await ended(listen(connect({ fetch, ...QUICK })));
    expect(fetch.requests[1]?.headers["last-event-id"]).toBe("10");
  });

  test("in the middle of a frame has not given that frame", async () => {
    const fetch = soon([connected(10), note(11).slice(0, -1)], [note(11)], { status: 204 });
    const stream = connect({ fetch, ...QUICK });
    const seen = recording(stream);
    await ended(stream);
    expect(seen.ids()).toEqual([11]);
    expect(fetch.requests[1]?.headers["last-event-id"]).toBe("10");
  });

  test("is told, with when it is tried again", async () => {
    const stream = connect({
      fetch: soon([connected(1)], { hang: [connected(1), caughtUp(1)] }),
      ...QUICK,
    });
    const all: Status[] = [];
    stream.onStatus((status) => all.push(status));
    await eventually(() => stream.status.state === "live");
    const states = all.map(({ state }) => state);
    expect(states).toEqual([
      "connecting",
      "replaying",
      "offline",
      "connecting",
      "replaying",
      "live",
    ]);
    const offline = all[2] as Offline;
    expect(offline).toMatchObject({ reason: "network", attempt: 0 });
    expect(offline.retryAt - offline.since).toBeLessThanOrEqual(20);
    expect(all[3]).toMatchObject({ attempt: 1, since: offline.since });
    stream.close();
  });

  test("asks for what is left of a limit, and ends when that has come", async () => {
    const fetch = soon([connected(0), note(1), note(2)], { hang: [note(3), note(4)] });
    const stream = connect({ fetch, limit: 3, ...QUICK });
    const seen = recording(stream);
    expect(await ended(stream)).toMatchObject({ reason: "complete" });
    expect(seen.ids()).toEqual([1, 2, 3]);
    expect(fetch.requests.map(({ url }) => url.split("?")[1])).toEqual(["limit=3", "limit=1"]);
  });

  test("is tried again at once when it is asked to", async () => {
    const fetch = soon([`retry: 60000\n${connected(1).replace(/^retry.*\n/, "")}`], {
      status: 204,
    });
    const stream = listen(connect({ fetch, maxRetryMs: 60_000 }));
    await eventually(() => stream.status.state === "offline");
    stream.reconnect();
    await ended(stream);
  });
});

describe("the server's word is kept", () => {
  test("204 is the end, and nothing is asked again", async () => {
    const fetch = soon({ status: 204 });
    expect(await ended(listen(connect({ fetch })))).toEqual({
      ...{ state: "ended", reason: "complete", error: null },
    });
    expect(fetch.requests).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 422, 429])("%i is the end, with an error", async (status) => {
    const fetch = soon({
      status,
      headers: { "Content-Type": "application/problem+json" },
      body: '{"detail":"no"}',
    });
    expect(await ended(listen(connect({ fetch })))).toMatchObject({
      ...{ reason: "refused", error: { name: "RefusedError", status, message: "no" } },
    });
    expect(fetch.requests).toHaveLength(1);
  });

  test("an answer that is no stream is the end: it is a wrong URL", async () => {
    const fetch = soon({ status: 200, headers: { "Content-Type": "text/html" }, body: "<html>" });
    expect(await ended(listen(connect({ fetch })))).toMatchObject({
      error: { message: "expected text/event-stream, got text/html" },
    });
  });

  test("503 is tried again after Retry-After", async () => {
    const busy = { status: 503, headers: { "Retry-After": "3600" } };
    const stream = listen(connect({ fetch: soon(busy) }));
    await eventually(() => stream.status.state === "offline");
    const { reason, retryAt, since } = stream.status as Offline;
    expect([reason, retryAt - since]).toEqual(["busy", 3_600_000]);
    stream.close();
  });

  test.each(["draining", "unavailable"] as const)("%s says when to come back", async (type) => {
    const data = { retry_ms: 1_234_000, reason: "capacity" } as const;
    const goodbye = control(1, type, data);
    const stream = listen(connect({ fetch: soon([connected(1), goodbye]) }));
    await eventually(() => stream.status.state === "offline");
    const { reason, retryAt, since } = stream.status as Offline;
    expect(reason).toBe(type === "draining" ? "draining" : "capacity");
    expect(retryAt - since).toBe(1_234_000);
    stream.close();
  });

  test("retry is the longest first wait", async () => {
    const stream = listen(connect({ fetch: soon(["retry: 5\n\n"]) }));
    await eventually(() => (stream.status as Offline).attempt >= 2);
    stream.close();
  });
});

describe("the token", () => {
  test("is asked for anew before each attempt", async () => {
    let number = 0;
    const fetch = soon([connected(1)], { status: 500 }, { status: 204 });
    await ended(listen(connect({ fetch, ...QUICK, token: async () => `t${++number}` })));
    expect(fetch.requests.map(({ headers }) => headers.authorization)).toEqual([
      ...["Bearer t1", "Bearer t2", "Bearer t3"],
    ]);
  });

  test("that cannot be had is asked for again", async () => {
    let calls = 0;
    const token = () => {
      if (++calls < 3) throw new Error("login service is away");
      return "t";
    };
    const fetch = soon({ status: 204 });
    const stream = connect({ fetch, ...QUICK, token });
    const reasons: string[] = [];
    stream.onStatus((status) => status.state === "offline" && reasons.push(status.reason));
    await ended(stream);
    expect(reasons).toEqual(["token", "token"]);
    expect(fetch.requests).toHaveLength(1);
  });

  test("that never comes does not stop the stream for ever", async () => {
    const stream = connect({ fetch: soon(), openMs: 20, token: () => new Promise(() => {}) });
    const reasons: string[] = [];
    stream.onStatus((status) => status.state === "offline" && reasons.push(status.reason));
    await eventually(() => reasons.includes("silence"));
    stream.close();
  });
});

describe("the watchdog", () => {
  test("reconnects when nothing comes any more", async () => {
    const fetch = soon({ hang: [connected(1), note(2)] }, { status: 204 });
    const stream = connect({ fetch, ...QUICK, silenceMs: 50 });
    const reasons: string[] = [];
    stream.onStatus((status) => status.state === "offline" && reasons.push(status.reason));
    await ended(stream);
    expect(reasons).toEqual(["silence"]);
    expect(fetch.requests[1]?.headers["last-event-id"]).toBe("2");
  });

  test("is content with comments", async () => {
    const fetch = soon([connected(1), 150, ":\n\n", 150, ":\n\n", 150, ":\n\n", note(2)], {
      status: 204,
    });
    const stream = connect({ fetch, ...QUICK, silenceMs: 400 });
    const seen = recording(stream);
    await ended(stream);
    expect(seen.ids()).toEqual([2]);
    expect(fetch.requests).toHaveLength(2);
  });

  test("gives up a connection that is never made", async () => {
    const never: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    const stream = listen(connect({ fetch: never, openMs: 20 }));
    await eventually(() => stream.status.state === "offline");
    expect(stream.status).toMatchObject({ reason: "silence" });
    stream.close();
  });
});

test("data that is no JSON is no event: it is asked for again", async () => {
  const fetch = soon([connected(1), "id: 2\nevent: note\ndata: {oops\n\n"], [note(2)], {
    status: 204,
  });
  const stream = connect({ fetch, ...QUICK });
  const seen = recording(stream);
  await ended(stream);
  expect(seen.ids()).toEqual([2]);
});

function listen<T extends { onStatus(listener: () => void): unknown }>(stream: T): T {
  stream.onStatus(() => {});
  return stream;
}
