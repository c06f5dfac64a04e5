import type { AnyItem, Notice } from "../events.ts";
import type { Gap } from "../generated/events.ts";
import { CONNECTING, type Status } from "../status.ts";
import type { Subscription } from "../subscription.ts";
import { FrameTimer } from "./frame.ts";

/** So many events are folded without waiting for a frame: hidden pages are drawn rarely. */
const MOST_PENDING = 5000;

/** What a component sees of a stream. */
export interface View<State> {
  readonly state: State;
  readonly status: Status;
  /** The last gap: events that are gone, and that the state knows nothing of. */
  readonly gap: Gap | null;
}

/** From the state and what has come since to the new state. */
export type Fold<State, Event> = (state: State, events: readonly Event[]) => State;

/** Makes the subscription when a component is there to see it. */
export type OpenStream<Event extends AnyItem> = () => Subscription<Event>;

/**
 * A stream as `useSyncExternalStore` wants it. What comes between two animation frames is folded
 * and shown at once. The stream is open while somebody listens.
 */
export class StreamStore<State, Event extends AnyItem> {
  readonly #open: OpenStream<Event>;
  readonly #fold: Fold<State, Event>;
  readonly #initial: State;
  readonly #listeners = new Set<() => void>();
  readonly #timer = new FrameTimer(() => this.#draw());
  #view: View<State>;
  #status: Status = CONNECTING;
  #gap: Gap | null = null;
  #pending: Event[] = [];
  #stream: Subscription<Event> | undefined;

  constructor(open: OpenStream<Event>, fold: Fold<State, Event>, initial: State) {
    this.#open = open;
    this.#fold = fold;
    this.#initial = initial;
    this.#view = { state: initial, status: CONNECTING, gap: null };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (!this.#stream) this.#start();
    return () => {
      this.#listeners.delete(listener);
      // React unmounts and mounts again at once in development: the stream outlives that.
      queueMicrotask(() => this.#listeners.size || this.#stop());
    };
  };

  readonly view = (): View<State> => this.#view;

  /** The stream that is open just now. */
  get stream(): Subscription<Event> | undefined {
    return this.#stream;
  }

  #start(): void {
    this.#view = { state: this.#initial, status: CONNECTING, gap: null };
    this.#pending = [];
    this.#gap = null;
    const stream = this.#open();
    this.#stream = stream;
    stream.on("*", (event) => {
      if (this.#pending.push(event) >= MOST_PENDING) this.#draw();
      else this.#timer.ask();
    });
    (stream as Subscription<AnyItem>).on("gap", ({ data }: Notice & { type: "gap" }) => {
      this.#gap = data;
      this.#timer.ask();
    });
    stream.onStatus((status) => {
      this.#status = status;
      this.#timer.ask();
    });
  }

  #stop(): void {
    this.#timer.stop();
    this.#stream?.close();
    this.#stream = undefined;
  }

  #draw(): void {
    const events = this.#pending;
    this.#pending = [];
    const state = events.length ? this.#fold(this.#view.state, events) : this.#view.state;
    this.#view = { state, status: this.#status, gap: this.#gap };
    for (const listener of this.#listeners) listener();
  }
}
