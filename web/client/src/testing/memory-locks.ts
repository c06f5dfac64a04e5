type Granted = (lock: Lock) => unknown;

/**
 * `navigator.locks` within one process, for tests of what tabs do together: exclusive locks,
 * granted in the order in which they are asked for.
 */
export class MemoryLocks implements LockManager {
  readonly #queues = new Map<string, Promise<unknown>>();

  readonly request = ((name: string, ...rest: (LockOptions | Granted)[]) => {
    const granted = rest.pop() as Granted;
    const { signal } = (rest.pop() ?? {}) as LockOptions;
    const free = this.#queues.get(name) ?? Promise.resolve();
    const held = free.then(() => {
      signal?.throwIfAborted();
      return granted({ name, mode: "exclusive" });
    });
    this.#queues.set(
      name,
      held.catch(() => {}),
    );
    return held;
  }) as LockManager["request"];

  async query(): Promise<LockManagerSnapshot> {
    return { held: [], pending: [] };
  }
}
