type Result<T> = IteratorResult<T, undefined>;

/** Items that may wait for a loop before no more are fetched for it. */
export const MOST_WAITING = 1000;

/** Items on their way to one `for await` loop. */
export class Queue<T> implements AsyncIterator<T, undefined> {
  /** The item that the loop has worked off last. */
  settled: T | undefined;
  #items: T[] = [];
  #first = 0;
  #handed: T | undefined;
  #waiting: ((result: Promise<Result<T>>) => void) | undefined;
  #end: Promise<Result<T>> | undefined;
  #drained: (() => void)[] = [];
  readonly #onReturn: (queue: Queue<T>) => void;

  constructor(onReturn: (queue: Queue<T>) => void) {
    this.#onReturn = onReturn;
  }

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** True if the loop has worked off everything, and waits for more. */
  get idle(): boolean {
    return this.#waiting !== undefined;
  }

  push(item: T): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#hand();
  }

  /** Nothing comes after what is there; with `error` the loop throws it then. */
  end(error?: Error | null): void {
    this.#end ??= error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
    this.#end.catch(() => {});
    this.#hand();
    this.#tellRoom();
  }

  /** Forget what is not taken. */
  clear(): void {
    this.#items = [];
    this.#first = 0;
    this.#tellRoom();
  }

  next(): Promise<Result<T>> {
    this.settled = this.#handed ?? this.settled;
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#hand();
    });
  }

  async return(): Promise<Result<T>> {
    this.clear();
    this.end();
    this.#onReturn(this);
    return { done: true, value: undefined };
  }

  /** A promise while too much waits, kept when half of it is taken. */
  room(): Promise<void> | undefined {
    if (this.#end || this.length < MOST_WAITING) return undefined;
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #hand(): void {
    const waiting = this.#waiting;
    if (!waiting || (!this.length && !this.#end)) return;
    this.#waiting = undefined;
    waiting(this.length ? this.#take() : (this.#end as Promise<Result<T>>));
  }

  async #take(): Promise<Result<T>> {
    const value = this.#items[this.#first++] as T;
    this.#handed = value;
    if (this.#first >= MOST_WAITING || !this.length) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
    if (this.length <= MOST_WAITING / 2) this.#tellRoom();
    return { done: false, value };
  }

  #tellRoom(): void {
    for (const tell of this.#drained.splice(0)) tell();
  }
}
