/** What a script says happens next. `wait` is in milliseconds. */
export type Step =
  | { event?: string; data: unknown; id?: number | string; wait?: number }
  | { fail: "cut" | "refused"; wait?: number };

type Handler<E> = ((this: EventSource, event: E) => unknown) | null;

/** `EventTarget` with the listeners of `EventSource`, which the types of the DOM tell apart. */
const Target = EventTarget as unknown as new () => Pick<EventSource, keyof EventTarget>;

/**
 * Stands in for the browser's `EventSource` in the tests of a page:
 *
 *     vi.stubGlobal("EventSource", MockEventSource.playing([{ data: { type: "text" } }]));
 *
 * Each one plays the script from its beginning. Without a script, tests speak through
 * `MockEventSource.newest`: `open()`, `emit()`, `cut()`, `refuse()`.
 */
export class MockEventSource extends Target implements EventSource {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  /** All that were made, oldest first. Empty it between tests. */
  static instances: MockEventSource[] = [];
  static script: readonly Step[] = [];

  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readonly url: string;
  readonly withCredentials: boolean;
  readyState: 0 | 1 | 2 = 0;
  onopen: Handler<Event> = null;
  onmessage: Handler<MessageEvent> = null;
  onerror: Handler<Event> = null;
  #lastId = "";

  constructor(url: string | URL, init: EventSourceInit = {}) {
    super();
    this.url = String(url);
    this.withCredentials = init.withCredentials ?? false;
    MockEventSource.instances.push(this);
    const { script } = new.target;
    if (script.length) queueMicrotask(() => void this.#play(script));
  }

  /** A class of its own that plays this script. */
  static playing(script: readonly Step[]): typeof MockEventSource {
    return class extends MockEventSource {
      static override script = script;
    };
  }

  static get newest(): MockEventSource {
    const newest = MockEventSource.instances.at(-1);
    if (!newest) throw new Error("no EventSource was made");
    return newest;
  }

  /** The connection is made. */
  open(): void {
    this.readyState = 1;
    this.#dispatch(new Event("open"));
  }

  /** A frame comes. Data that is no text becomes JSON. */
  emit(event: string, data: unknown, id?: number | string): void {
    if (this.readyState === 2) return;
    if (this.readyState === 0) this.open();
    if (id !== undefined) this.#lastId = String(id);
    const text = typeof data === "string" ? data : JSON.stringify(data);
    this.#dispatch(new MessageEvent(event, { data: text, lastEventId: this.#lastId }));
  }

  /** The connection is lost; a browser would connect again. */
  cut(): void {
    this.#fail(0);
  }

  /** The server answers with something else than a stream, 204 included: for good. */
  refuse(): void {
    this.#fail(2);
  }

  close(): void {
    this.readyState = 2;
  }

  #fail(state: 0 | 2): void {
    if (this.readyState === 2) return;
    this.readyState = state;
    this.#dispatch(new Event("error"));
  }

  async #play(script: readonly Step[]): Promise<void> {
    this.open();
    for (const step of script) {
      if (step.wait) await new Promise((resolve) => setTimeout(resolve, step.wait));
      if ("data" in step) this.emit(step.event ?? "message", step.data, step.id);
      else if (step.fail === "cut") this.cut();
      else this.refuse();
    }
  }

  #dispatch(event: Event | MessageEvent): void {
    const handlers: Record<string, unknown> = {
      open: this.onopen,
      message: this.onmessage,
      error: this.onerror,
    };
    const handler = handlers[event.type];
    if (typeof handler === "function") handler.call(this, event);
    this.dispatchEvent(event);
  }
}
