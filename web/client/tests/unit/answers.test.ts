import { expect, test } from "vitest";
import { failure, retryAfter } from "../../src/answers.ts";
import { RefusedError, TransientError } from "../../src/errors.ts";

const problem = (status: number, body: object, headers = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });

test.each([400, 401, 403, 404, 405, 413, 422, 429])("%i is for good", async (status) => {
  expect(await failure(new Response("", { status }))).toBeInstanceOf(RefusedError);
});

test.each([408, 425, 500, 502, 503, 504])("%i will pass", async (status) => {
  expect(await failure(new Response("", { status }))).toBeInstanceOf(TransientError);
});

test("a refusal says what the bridge said", async () => {
  const body = { title: "Bad Request", detail: "since='x' is not a time", hint: "use 15m" };
  const error = await failure(problem(400, body));
  expect(error).toMatchObject({ status: 400, message: body.detail, hint: "use 15m" });
});

test("an answer that is no problem+json is told by its status", async () => {
  const page = new Response("<html>", { status: 502, statusText: "Bad Gateway" });
  expect((await failure(page)).message).toBe("HTTP 502 Bad Gateway");
});

test("Retry-After tells when to come back", async () => {
  expect(await failure(problem(503, {}, { "Retry-After": "4" }))).toMatchObject({ retryMs: 4000 });
  expect(retryAfter("Wed, 21 Oct 2026 07:28:00 GMT")).toBeUndefined();
});
