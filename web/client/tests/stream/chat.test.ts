import { afterEach, expect, test } from "vitest";
import { chat } from "../../src/index.ts";
import { frame } from "../../src/testing/index.ts";
import { HttpServer, json, type Route, stream } from "../support/http-server.ts";
import { recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

let server: HttpServer;
afterEach(() => server.stop());

async function serve(route: Route): Promise<string> {
  server = await new HttpServer(route).start();
  return server.url;
}

const opening = frame(10, "connected", { status: "connected" });
const text = (id: number, content: string) => frame(id, "message", { type: "text", content });
const done = (id: number) => frame(id, "done", { status: "complete" });

test("a message is posted, and its turn comes back typed until it is done", async () => {
  const url = await serve((_, answer) => stream(answer, [opening, text(11, "42"), done(11)]));
  const told: unknown[] = [];
  for await (const event of chat({ url, message: "why?", fields: { user_id: "u" } })) {
    told.push(event.type === "chat.text" ? event.data.content : event.type);
  }
  expect(told).toEqual(["42", "done"]);
  expect(server.lines).toEqual(["POST /api/chat/message"]);
  expect(server.asked[0]?.body).toEqual({
    ...{ message: "why?", user_id: "u", request_id: expect.stringMatching(/^req_\w{10,}$/) },
  });
});

test("a turn that is cut off is resumed, never submitted twice", async () => {
  const url = await serve(({ line }, answer) => {
    if (line.startsWith("POST")) stream(answer, [opening, text(11, "a")], true);
    else stream(answer, [text(11, "a"), text(12, "b"), done(12)]);
  });
  const turn = chat({ url, message: "ä?", requestId: "r1", maxRetryMs: 5 });
  const seen = recording(turn);
  await eventually(() => turn.status.state === "ended");
  expect(seen.ids()).toEqual([11, 12, 12]);
  expect(server.lines).toEqual([
    "POST /api/chat/message",
    "GET /api/chat/stream?message=%C3%A4%3F&request_id=r1",
  ]);
  expect(server.asked[1]?.headers["last-event-id"]).toBe("11");
});

test("a turn that is cut off before it has an id is sent again under the same name", async () => {
  let attempts = 0;
  const url = await serve((_, answer) => {
    if (++attempts === 1) answer.destroy();
    else stream(answer, [opening, done(10)]);
  });
  const turn = chat({ url, message: "m", maxRetryMs: 5 });
  recording(turn);
  await eventually(() => turn.status.state === "ended");
  const [first, second] = server.asked.map(
    ({ body }) => (body as { request_id: string }).request_id,
  );
  expect(second).toBe(first);
});

test("a turn that fails ends with the error that it told", async () => {
  const failed = frame(11, "error", { error: "no model" });
  const url = await serve((_, answer) => stream(answer, [opening, failed]));
  const turn = chat({ url, message: "m" });
  const errors: string[] = [];
  turn.on("error", ({ data }) => errors.push(data.error));
  await eventually(() => turn.status.state === "ended");
  expect(errors).toEqual(["no model"]);
  expect(turn.status).toMatchObject({ reason: "complete" });
});

test("a message that is refused ends the turn", async () => {
  const url = await serve((_, answer) => json(answer, 422, { detail: "message is empty" }));
  const turn = chat({ url, message: "" });
  recording(turn);
  await eventually(() => turn.status.state === "ended");
  expect(turn.status).toMatchObject({ reason: "refused", error: { message: "message is empty" } });
});
