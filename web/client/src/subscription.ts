import { isControl, isNotice } from "./control.ts";
import type { AnyItem, EventOf, Item, OtherEvent } from "./events.ts";
import type { ControlEventDataByType } from "./generated/events.ts";
import { Queue } from "./queue.ts";
import { CONNECTING, type Status } from "./status.ts";

export type Unsubscribe = () => void;
type Listener<T> = (value: T) => void;
type ControlEvent = EventOf<ControlEventDataByType>;

/** The consumers' side of a stream: events as they come, by listeners or by `for await`. */
export abstract class Subscription<Event extends AnyItem> {
  #status: Status = CONNECTING;
  readonly #listeners = new Map<string, Set<Listener<AnyItem>>>();
  readonly #statusListeners = new Set<Listener<Status>>();
  readonly #queues = new Set<Queue<AnyItem>>();
  #held: Promise<unknown>[] = [];

  /** How it is doing. */
  get status(): Status {
    return this.#status;
  }

  /** The id after which it goes on; undefined until the bridge has told one. */
  abstract get cursor(): number | undefined;

  /** End it: loops end at once, listeners hear no more. */
  abstract close(): void;

  /** Somebody begins to listen. */
  protected abstract begin(): void;

  /** Hear events of one type, `*` for all of the publishers', or what the bridge says itself. */
  on(type: "*", listener: (event: Event) => void): Unsubscribe;
  on<T extends (Event | ControlEvent)["type"]>(
    type: T,
    listener: (event: Extract<Event | ControlEvent, { type: T }>) => void,
  ): Unsubscribe;
  on(type: string, listener: (event: OtherEvent) => void): Unsubscribe;
  on(type: string, listener: (event: never) => void): Unsubscribe {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    return this.#enter(listeners, listener as Listener<AnyItem>);
  }

  /** Hear the status: now, and whenever it changes. */
  onStatus(listener: (status: Status) => void): Unsubscribe {
    const leave = this.#enter(this.#statusListeners, listener);
    listener(this.#status);
    return leave;
  }

  /**
   * Loop over events and notices, oldest first. The loop ends with the stream, and throws
   * RefusedError if the bridge refuses it. While a loop is slow, nothing more is fetched.
   * Leaving the last loop closes the stream, unless somebody listens to it.
   */
  [Symbol.asyncIterator](): AsyncIterator<Item<Event>, undefined> {
    const queue = new Queue<AnyItem>((left) => this.#leave(left));
    if (this.#status.state === "ended") queue.end(this.#status.error);
    else this.#enter(this.#queues, queue);
    return queue as AsyncIterator<unknown> as AsyncIterator<Item<Event>, undefined>;
  }

  /** Fetch nothing more before this promise is settled: for listeners that are slow. */
  hold(until: Promise<unknown>): void {
    this.#held.push(until);
  }

  /** Give an item to the loops, and to those who listen to its type. */
  protected deliver(item: AnyItem): void {
    const control = isControl(item.type);
    if (!control || isNotice(item.type)) for (const queue of this.#queues) queue.push(item);
    call(this.#listeners.get(item.type), item);
    if (!control) call(this.#listeners.get("*"), item);
  }

  /** Tell the status. With `ended` the loops end: at once if it was closed. */
  protected tell(status: Status): void {
    if (status === this.#status || this.#status.state === "ended") return;
    this.#status = status;
    if (status.state === "ended") {
      for (const queue of this.#queues) {
        if (status.reason === "closed") queue.clear();
        queue.end(status.error);
      }
    }
    call(this.#statusListeners, status);
  }

  /** A promise while a loop has too much to do, or something is held back. */
  protected room(): Promise<unknown> | undefined {
    const full = [...this.#queues].map((queue) => queue.room()).filter((room) => room);
    const all = [...full, ...this.#held.splice(0)];
    return all.length ? Promise.allSettled(all) : undefined;
  }

  /** The id up to which every loop has worked off its items; `cursor` if they all have. */
  protected get settled(): number | undefined {
    const busy = [...this.#queues].filter((queue) => !queue.idle);
    const ids = busy.map((queue) => queue.settled?.id ?? 0);
    return busy.length ? Math.min(...ids) || undefined : this.cursor;
  }

  #enter<T>(set: Set<T>, member: T): Unsubscribe {
    set.add(member);
    this.begin();
    return () => set.delete(member);
  }

  #leave(queue: Queue<AnyItem>): void {
    const listeners = [...this.#listeners.values()].some((each) => each.size);
    if (this.#queues.size > 1 || listeners) this.#queues.delete(queue);
    else this.close();
  }
}

/** A listener that throws harms no other, and is reported like that of an EventTarget. */
function call<T>(listeners: Set<Listener<T>> | undefined, value: T): void {
  for (const listener of listeners ?? []) {
    try {
      listener(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
