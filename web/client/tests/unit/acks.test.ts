import { expect, test } from "vitest";
import { Acks } from "../../src/acks.ts";

test("of many acks only the newest is sent, one request at a time", async () => {
  const sent: number[] = [];
  const answers: (() => void)[] = [];
  const acks = new Acks((id) => {
    sent.push(id);
    return new Promise<void>((resolve) => answers.push(resolve));
  });
  const first = acks.ack(1);
  await Promise.resolve().then(() => {});
  const later = [acks.ack(2), acks.ack(5), acks.ack(3)];
  expect(sent).toEqual([1]);
  answers.shift()?.();
  await first;
  await new Promise((resolve) => setTimeout(resolve));
  expect(sent).toEqual([1, 5]);
  answers.shift()?.();
  await Promise.all(later);
});

test("a refused ack does not keep the next from being sent", async () => {
  const sent: number[] = [];
  const acks = new Acks(async (id) => {
    sent.push(id);
    if (id === 1) throw new Error("409");
  });
  await expect(acks.ack(1)).rejects.toThrow("409");
  await acks.ack(2);
  expect(sent).toEqual([1, 2]);
});
