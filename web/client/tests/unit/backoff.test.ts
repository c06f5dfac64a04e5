import { expect, test } from "vitest";
import { backoff } from "../../src/backoff.ts";

const base = { attempt: 0, retryMs: 3000, maxMs: 30_000 };

test("the first wait is anything up to what the server said with retry", () => {
  expect(backoff(base, 0)).toBe(0);
  expect(backoff(base, 0.5)).toBe(1500);
  expect(backoff(base, 1)).toBe(3000);
});

test("the longest wait doubles with each attempt, up to the maximum", () => {
  const longest = [0, 1, 2, 3, 4, 50].map((attempt) => backoff({ ...base, attempt }, 1));
  expect(longest).toEqual([3000, 6000, 12_000, 24_000, 30_000, 30_000]);
});

test("what the server asks for is kept to the millisecond the first time", () => {
  expect(backoff({ ...base, askedMs: 700 }, 0.9)).toBe(700);
});

test("a server that asks again and again is given more time each time", () => {
  expect(backoff({ ...base, attempt: 2, askedMs: 700 }, 1)).toBe(700 + 6000);
});

test("a retry of zero does not make clients hammer the server", () => {
  expect(backoff({ ...base, retryMs: 0, attempt: 3 }, 1)).toBe(800);
});
