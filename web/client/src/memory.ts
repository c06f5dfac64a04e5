/** Keeps the last id beyond the page, so that it goes on where it was. */

import { sequence } from "./frame.ts";

/** Where a stream keeps the id up to which everything is worked off. */
export interface Memory {
  load(): number | undefined;
  save(cursor: number): void;
}

/** In `sessionStorage`: for this tab, over reloads. */
export function sessionMemory(name: string): Memory {
  return storageMemory(name, () => globalThis.sessionStorage);
}

/** In any storage. One that is full or forbidden costs the memory, not the stream. */
export function storageMemory(name: string, storage: () => Storage): Memory {
  const key = `jetbridge:${name}`;
  const forgiving = <T>(work: (storage: Storage) => T): T | undefined => {
    try {
      return work(storage());
    } catch {
      return undefined;
    }
  };
  return {
    load: () => forgiving((shelf) => sequence(shelf.getItem(key))),
    save: (cursor) => forgiving((shelf) => shelf.setItem(key, String(cursor))),
  };
}
