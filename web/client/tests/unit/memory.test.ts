import { expect, test } from "vitest";
import { storageMemory } from "../../src/memory.ts";

function shelf(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  } as Storage;
}

test("an id is there after a reload, under its own name", () => {
  const storage = shelf();
  storageMemory("one", () => storage).save(1767225600000042);
  expect(storageMemory("one", () => storage).load()).toBe(1767225600000042);
  expect(storageMemory("other", () => storage).load()).toBeUndefined();
});

test("a storage that is forbidden costs the memory, not the stream", () => {
  const memory = storageMemory("one", () => {
    throw new DOMException("denied", "SecurityError");
  });
  expect(memory.load()).toBeUndefined();
  expect(() => memory.save(1)).not.toThrow();
});

test("rubbish in the storage is no id", () => {
  const storage = shelf();
  storage.setItem("jetbridge:one", "NaN");
  expect(storageMemory("one", () => storage).load()).toBeUndefined();
});
