import { expect, test } from "vitest";
import { cloudevents, native, unnamed } from "../../src/decode.ts";

test("a native frame is named by its event", () => {
  const event = native({ event: "note", data: '{"a":1}' }, 3);
  expect(event).toEqual({ id: 3, type: "note", data: { a: 1 } });
});

test("a CloudEvent tells whose it is, odd ids included", () => {
  const data = {
    ...{ specversion: "1.0", id: "3", source: "/agents/a%2Fb%20%C3%BC:1", type: "note" },
    ...{ subject: "job/1", time: "2026-01-01T00:00:00Z", data: { a: 1 } },
  };
  expect(cloudevents({ event: "note", data: JSON.stringify(data) }, 3)).toEqual({
    ...{ id: 3, type: "note", agent: "a/b ü:1", job: "job/1" },
    ...{ time: "2026-01-01T00:00:00Z", data: { a: 1 } },
  });
});

test("a CloudEvent without a subject belongs to no job", () => {
  const data = JSON.stringify({ source: "/agents/a", type: "note", time: "", data: {} });
  expect(cloudevents({ event: "note", data }, 3).job).toBeNull();
});

test("an unnamed frame is named by its data", () => {
  const session = unnamed("session");
  expect(session({ data: '{"type":"info"}' }, 1).type).toBe("session.info");
  expect(session({ data: '{"_type":"completion"}' }, 1).type).toBe("session.completion");
  expect(unnamed("chat")({ event: "message", data: '{"type":"text"}' }, 1).type).toBe("chat.text");
});

test("a named frame among unnamed ones keeps its name", () => {
  expect(unnamed("chat")({ event: "done", data: "{}" }, 1).type).toBe("done");
});
