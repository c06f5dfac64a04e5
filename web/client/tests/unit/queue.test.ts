import { expect, test } from "vitest";
import { MOST_WAITING, Queue } from "../../src/queue.ts";

const queue = () => new Queue<number>(() => {});

test("items come out in the order in which they went in", async () => {
  const it = queue();
  const early = it.next();
  for (let n = 0; n < 3000; n++) it.push(n);
  expect((await early).value).toBe(0);
  for (let n = 1; n < 3000; n++) expect((await it.next()).value).toBe(n);
});

test("what is there comes before the end", async () => {
  const it = queue();
  it.push(1);
  it.end();
  expect(await it.next()).toEqual({ done: false, value: 1 });
  expect(await it.next()).toEqual({ done: true, value: undefined });
  expect(await it.next()).toEqual({ done: true, value: undefined });
});

test("what is there comes before an error", async () => {
  const it = queue();
  it.push(1);
  it.end(new Error("broken"));
  expect((await it.next()).value).toBe(1);
  await expect(it.next()).rejects.toThrow("broken");
});

test("there is no room while too much waits, and room again when half of it is taken", async () => {
  const it = queue();
  for (let n = 0; n < MOST_WAITING; n++) it.push(n);
  let room = false;
  void it.room()?.then(() => {
    room = true;
  });
  for (let n = 0; n < MOST_WAITING / 2 - 1; n++) await it.next();
  expect(room).toBe(false);
  await it.next();
  await Promise.resolve();
  expect(room).toBe(true);
});

test("an item is settled when the loop comes back for the next one", async () => {
  const it = queue();
  it.push(1);
  it.push(2);
  await it.next();
  expect(it.settled).toBeUndefined();
  await it.next();
  expect(it.settled).toBe(1);
  expect(it.idle).toBe(false);
  void it.next();
  expect(it.settled).toBe(2);
  expect(it.idle).toBe(true);
});
