import type { EventStream } from "./event-stream.ts";
import type { AnyItem, StreamEvent } from "./events.ts";
import type { Feed, FeedListener } from "./feed.ts";
import { covers, type Filter, NOTHING, sendable } from "./filter.ts";
import { CONNECTING } from "./status.ts";

/** Opens the stream of a filter, after an id. */
export type Open = (filter: Filter, after: number | undefined) => EventStream<StreamEvent>;

/** Wishes that come within so many milliseconds lead to one request. */
const GATHER_MS = 20;

/** A stream that brings more than is wanted is replaced after so long. */
const NARROW_MS = 5000;

/** A stream that nobody wants is closed after so long: pages leave one view for another. */
const LINGER_MS = 1000;

/** The feed of one connection. It is opened anew when more is wanted than it brings. */
export class LocalFeed implements Feed {
  readonly #open: Open;
  readonly #listener: FeedListener;
  #stream: EventStream<StreamEvent> | undefined;
  /** What the stream brings. */
  #filter: Filter = {};
  #wanted: Filter | undefined;
  /** Up to where everything has been told. */
  #cursor: number | undefined;
  #connected = false;
  #items: AnyItem[] = [];
  #flushing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(open: Open, listener: FeedListener, cursor?: number) {
    this.#open = open;
    this.#listener = listener;
    this.#cursor = cursor;
  }

  want(filter: Filter | undefined): void {
    this.#wanted = filter && sendable(filter);
    clearTimeout(this.#timer);
    const enough = this.#stream && this.#wanted && covers(this.#filter, this.#wanted);
    const wait = enough ? NARROW_MS : filter ? GATHER_MS : LINGER_MS;
    this.#timer = setTimeout(() => this.#serve(), wait);
    if (enough) this.#cover();
  }

  reconnect(): void {
    this.#stream?.reconnect();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Bring what is wanted, and no more. */
  #serve(): void {
    const filter = this.#wanted;
    if (filter && this.#stream && same(this.#filter, filter)) return;
    this.#drop();
    if (filter) this.#follow(this.#open(filter, this.#cursor), filter);
    else this.#idle();
  }

  /** Whoever wants something again, wants it from then on. */
  #idle(): void {
    this.#cursor = undefined;
    this.#listener.covered(NOTHING, 0);
    this.#listener.status(CONNECTING);
  }

  #follow(stream: EventStream<StreamEvent>, filter: Filter): void {
    this.#stream = stream;
    this.#filter = filter;
    stream.on("connected", ({ id }) => this.#begin(id));
    stream.on("*", (event) => this.#add(event));
    stream.on("gap", (notice) => this.#add(notice));
    stream.on("heartbeat", () => this.#soon());
    stream.onStatus((status) => {
      if (stream !== this.#stream) return;
      if (status.state === "ended") {
        this.#drop();
        this.#idle();
      }
      this.#listener.status(status);
    });
  }

  #begin(cursor: number): void {
    this.#flush();
    this.#cursor = cursor;
    this.#connected = true;
    this.#cover();
  }

  #cover(): void {
    this.#flush();
    if (this.#connected) this.#listener.covered(this.#filter, this.#cursor ?? 0);
  }

  #add(item: AnyItem): void {
    this.#items.push(item);
    this.#soon();
  }

  /** What comes in one piece of the network goes on in one batch. */
  #soon(): void {
    if (!this.#flushing) queueMicrotask(() => this.#flush());
    this.#flushing = true;
  }

  #flush(): void {
    this.#flushing = false;
    const upto = this.#stream?.cursor;
    if (!this.#connected || upto === undefined) return;
    const [items, after] = [this.#items, this.#cursor ?? upto];
    if (!items.length && upto === after) return;
    this.#items = [];
    this.#cursor = upto;
    this.#listener.batch({ items, after, upto });
  }

  #drop(): void {
    this.#flush();
    const stream = this.#stream;
    this.#stream = undefined;
    this.#connected = false;
    stream?.close();
  }
}

const same = (one: Filter, other: Filter) => covers(one, other) && covers(other, one);
