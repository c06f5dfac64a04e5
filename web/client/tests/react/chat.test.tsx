import { afterEach, expect, test } from "vitest";
import { Hub } from "../../src/index.ts";
import { type ChatView, JetbridgeProvider, useChat } from "../../src/react/index.ts";
import { frame, type ScriptedFetch, scriptedFetch } from "../../src/testing/index.ts";
import { show } from "../support/dom.ts";
import { eventually } from "../support/waiting.ts";

let seen: ChatView | undefined;
let leave = () => {};
afterEach(() => leave());

function Chat() {
  seen = useChat();
  return seen.turns
    .map(({ question, system }) => `${question} → ${system.text}${system.error ?? ""}`)
    .join("; ");
}

async function page(fetch: ScriptedFetch) {
  seen = undefined;
  const shown = await show(
    <JetbridgeProvider hub={new Hub({ fetch })}>
      <Chat />
    </JetbridgeProvider>,
  );
  leave = shown.leave;
  await eventually(() => seen);
  return { ...shown, chat: () => seen as ChatView };
}

const message = (id: number, data: object) => frame(id, "message", data);
const opening = frame(1, "connected", { status: "connected" });
const done = frame(9, "done", { status: "complete" });

test("a question is sent, and its answer shown as it comes", async () => {
  const fetch = scriptedFetch([
    ...[opening, message(2, { type: "specialist_activated", specialist: "Analyst" })],
    ...[message(3, { type: "text", content: "forty-" }), 30],
    ...[message(4, { type: "text", content: "two" }), done],
  ]);
  const { text, chat } = await page(fetch);
  chat().send("why?", { user_id: "u" });
  await eventually(() => text() === "why? → forty-two" && !chat().busy);
  expect(chat().turns[0]?.system).toMatchObject({ finished: true, orchestratorStatus: "idle" });
  expect(chat().turns[0]?.system.specialists.get("Analyst")?.status).toBe("active");
  expect(JSON.parse(fetch.requests[0]?.body ?? "")).toMatchObject({
    message: "why?",
    user_id: "u",
  });
});

test("turns follow each other; one that failed says why", async () => {
  const failed = frame(5, "error", { error: "no model" });
  const fetch = scriptedFetch(
    [opening, message(2, { type: "text", content: "a" }), done],
    [opening, failed],
  );
  const { text, chat } = await page(fetch);
  chat().send("one");
  await eventually(() => text() === "one → a" && !chat().busy);
  chat().send("two");
  await eventually(() => text() === "one → a; two → no model");
  expect(chat().turns[1]?.system).toMatchObject({ finished: true, error: "no model" });
});

test("a turn can be left", async () => {
  const { text, chat } = await page(scriptedFetch({ hang: [opening] }));
  chat().send("slow");
  await eventually(() => text() === "slow → " && chat().status?.state === "live");
  expect(chat().busy).toBe(true);
  chat().stop();
  await eventually(() => !chat().busy);
});
