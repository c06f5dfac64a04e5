import { describe, expect, test } from "vitest";
import { native } from "../../src/decode.ts";
import { Tracker } from "../../src/tracker.ts";

const json = JSON.stringify;
const note = (id: number) => ({ id: String(id), event: "note", data: '{"n":1}' });
const connected = (cursor: number, last: number, first = 1) => ({
  id: String(cursor),
  event: "connected",
  data: json({ cursor, first_seq: first, last_seq: last }),
});

function tracker(cursor?: number) {
  return new Tracker(cursor, native, () => false);
}

describe("the cursor", () => {
  test("begins where the server says that delivery begins", () => {
    const it = tracker();
    it.accept(connected(41, 50));
    expect(it.cursor).toBe(41);
  });

  test("follows events and heartbeats", () => {
    const it = tracker();
    it.accept(note(42));
    expect(it.cursor).toBe(42);
    it.accept({ id: "99", event: "heartbeat", data: "{}" });
    expect(it.cursor).toBe(99);
  });

  test("stays where it is when a frame has no id", () => {
    const it = tracker(7);
    it.accept({ event: "unavailable", data: json({ reason: "capacity", retry_ms: 5 }) });
    expect(it.cursor).toBe(7);
  });

  test("does not go back when a server does not know where the client was", () => {
    const it = tracker(50);
    it.accept(connected(10, 60));
    expect(it.accept(note(50))).toBeUndefined();
    expect(it.accept(note(51))).toBeDefined();
  });

  test("goes back only by a gap: then the sequences have begun anew", () => {
    const it = tracker(5000);
    const gap = { requested: 5001, first_available: 1, reason: "ahead" };
    expect(it.accept({ id: "0", event: "gap", data: json(gap) })).toMatchObject({ data: gap });
    expect(it.accept(note(1))).toMatchObject({ id: 1 });
  });
});

describe("an event that was there before", () => {
  test("is not given again", () => {
    const it = tracker();
    expect(it.accept(note(5))).toBeDefined();
    expect(it.accept(note(5))).toBeUndefined();
    expect(it.accept(note(4))).toBeUndefined();
    expect(it.accept(note(6))).toBeDefined();
  });

  test("is given if it ends the stream: chat's `done` has the id of the message before it", () => {
    const it = new Tracker(9, native, ({ type }) => type === "done");
    expect(it.accept({ id: "9", event: "done", data: "{}" })).toMatchObject({ type: "done" });
  });
});

describe("the status", () => {
  test("goes from connecting by replaying, in whole percent, to live", () => {
    const it = tracker();
    expect(it.status).toMatchObject({ state: "connecting" });
    it.accept(connected(100, 300));
    expect(it.status).toEqual({ state: "replaying", from: 100, to: 300, percent: 0 });
    it.accept(note(150));
    expect(it.status).toMatchObject({ percent: 25 });
    const before = it.status;
    it.accept(note(151));
    expect(it.status).toBe(before);
    it.accept({ id: "300", event: "caught-up", data: "{}" });
    expect(it.status).toEqual({ state: "live" });
  });

  test("measures a snapshot from the first event there is, not from zero", () => {
    const it = tracker();
    it.accept(connected(0, 1100, 101));
    expect(it.status).toMatchObject({ from: 100, to: 1100 });
  });

  test("is live with the first event of a server that does not tell where it is", () => {
    const it = tracker();
    it.accept({ event: "connected", data: '{"status":"connected"}' });
    expect(it.status).toEqual({ state: "live" });
  });
});

test("what the server says before it closes is kept for the next attempt, and no longer", () => {
  const it = tracker();
  it.accept({ id: "1", event: "draining", data: '{"retry_ms":1200}' });
  expect(it.farewell).toEqual({ reason: "draining", askedMs: 1200 });
  it.begin({ state: "connecting", attempt: 1, since: 0 });
  expect(it.farewell).toBeUndefined();
});
