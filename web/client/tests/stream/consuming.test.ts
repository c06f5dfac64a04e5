import { describe, expect, test, vi } from "vitest";
import { connect, type Item, type StreamEvent } from "../../src/index.ts";
import { caughtUp, connected, control, frame, scriptedFetch } from "../../src/testing/index.ts";
import { range, recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

const note = (id: number) => frame(id, "note", { n: id });

describe("a loop", () => {
  test("gives events and notices in the order of the stream, and ends with it", async () => {
    const gap = control(4, "gap", { requested: 2, first_available: 5, reason: "expired" });
    const beat = control(6, "heartbeat", { timestamp: "" });
    const fetch = scriptedFetch([connected(1), gap, note(5), beat, caughtUp(6)], { status: 204 });
    const types: string[] = [];
    for await (const { type } of connect({ fetch, maxRetryMs: 5 })) types.push(type);
    expect(types).toEqual(["gap", "note", "caught-up"]);
  });

  test("throws what the bridge refused", async () => {
    const loop = async () => {
      for await (const _ of connect({ fetch: scriptedFetch({ status: 403 }) }));
    };
    await expect(loop()).rejects.toMatchObject({ name: "RefusedError", status: 403 });
  });

  test("that is left closes the stream", async () => {
    const stream = connect({ fetch: scriptedFetch({ hang: [connected(1), note(2), note(3)] }) });
    for await (const item of stream) if (item.type !== "caught-up") break;
    expect(stream.status).toMatchObject({ state: "ended", reason: "closed" });
  });

  test("that is left leaves the stream to those who still listen", async () => {
    const stream = connect({
      fetch: scriptedFetch({ hang: [connected(1), note(2), 20, note(3)] }),
    });
    const seen = recording(stream);
    for await (const _ of stream) break;
    await eventually(() => seen.ids().length === 2);
    stream.close();
  });

  test("ends at once when the stream is closed", async () => {
    const stream = connect({ fetch: scriptedFetch({ hang: range(1, 500).map(note) }) });
    let count = 0;
    for await (const _ of stream) if (++count === 10) stream.close();
    expect(count).toBe(10);
  });

  test("that is slow holds the stream back, and loses nothing", async () => {
    const chunks = range(0, 99).map((n) =>
      range(n * 100 + 1, n * 100 + 100)
        .map(note)
        .join(""),
    );
    const stream = connect({
      fetch: scriptedFetch([connected(0), ...chunks], { status: 204 }),
      maxRetryMs: 5,
    });
    const ids: number[] = [];
    let furthest = 0;
    for await (const { id } of stream) {
      ids.push(id);
      furthest = Math.max(furthest, (stream.cursor ?? 0) - id);
      if (id % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    expect(ids).toEqual(range(1, 10_000));
    expect(furthest).toBeLessThan(1200);
  });
});

describe("listeners", () => {
  test("hear their type, and `*` everything of the publishers", async () => {
    const stream = connect({
      fetch: scriptedFetch({ hang: [connected(1), note(2), frame(3, "other", {})] }),
    });
    const [notes, all, beats] = [vi.fn(), vi.fn(), vi.fn()];
    stream.on("note", notes);
    stream.on("*", all);
    stream.on("connected", beats);
    await eventually(() => all.mock.calls.length === 2);
    expect(notes).toHaveBeenCalledExactlyOnceWith({ id: 2, type: "note", data: { n: 2 } });
    expect(beats).toHaveBeenCalledOnce();
    stream.close();
  });

  test("can leave", async () => {
    const stream = connect({
      fetch: scriptedFetch({ hang: [connected(1), note(2), 20, note(3)] }),
    });
    const seen = recording(stream);
    const once = vi.fn();
    const leave = stream.on("note", () => {
      once();
      leave();
    });
    await eventually(() => seen.ids().length === 2);
    expect(once).toHaveBeenCalledOnce();
    stream.close();
  });

  test("can hold the stream back", async () => {
    const stream = connect({ fetch: scriptedFetch({ hang: [connected(1), note(2), 5, note(3)] }) });
    const seen = recording(stream);
    let release = () => {};
    stream.on("note", ({ id }) => {
      if (id === 2)
        stream.hold(
          new Promise<void>((resolve) => {
            release = resolve;
          }),
        );
    });
    await eventually(() => seen.ids().length === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen.ids()).toEqual([2]);
    release();
    await eventually(() => seen.ids().length === 2);
    stream.close();
  });

  test("nothing is asked for before somebody listens", async () => {
    const fetch = scriptedFetch({ hang: [] });
    const stream = connect({ fetch });
    expect(stream.status.state).toBe("connecting");
    expect(fetch.requests).toHaveLength(0);
    stream.onStatus(() => {});
    await eventually(() => fetch.requests.length === 1);
    stream.close();
  });
});

describe("a memory", () => {
  test("keeps the last id, and the next page goes on there", async () => {
    const kept: { id?: number } = { id: 40 };
    const memory = {
      load: () => kept.id,
      save: (id: number) => {
        kept.id = id;
      },
    };
    const fetch = scriptedFetch({ hang: [connected(40), note(41)] });
    const stream = connect({ fetch, memory });
    const seen = recording(stream);
    await eventually(() => seen.ids().length === 1);
    await eventually(() => kept.id === 41);
    expect(fetch.requests[0]?.headers["last-event-id"]).toBe("40");
    stream.close();
  });

  test("does not keep the id of an event that a loop has not worked off", async () => {
    const saved: number[] = [];
    const memory = { load: () => undefined, save: (id: number) => saved.push(id) };
    const fetch = scriptedFetch({ hang: [connected(1), note(2), note(3), note(4)] });
    const seen: Item<StreamEvent>[] = [];
    for await (const item of connect({ fetch, memory })) {
      seen.push(item);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (item.id === 3) break;
    }
    expect(Math.max(...saved)).toBeLessThan(3);
  });
});
