import { type Filter, filterOf, matcher } from "../filter.ts";
import { caughtUp, connected, control, eventFrame, type Published, type Stored } from "./frames.ts";

interface Client {
  readonly filter: (event: Stored) => boolean;
  readonly format: string | null;
  write(text: string): void;
  end(): void;
}

/**
 * A bridge in memory, for the tests of pages: give its `fetch` to `connect` or to a Hub.
 *
 * It knows the global stream and those of agents and jobs, filters, `Last-Event-ID`, `from` and
 * `snapshot`, and keeps everything that was published.
 */
export class MockBridge {
  readonly events: Stored[] = [];
  /** The URLs of the streams that were opened. */
  readonly requests: string[] = [];
  readonly #clients = new Set<Client>();
  #refusal: Response | undefined;

  /** How many streams are open. */
  get clients(): number {
    return this.#clients.size;
  }

  get lastId(): number {
    return this.events.at(-1)?.id ?? 1000;
  }

  /** Store an event, and give it to whom it concerns; its id. */
  publish(event: Published): number {
    const { job = null, data = {} } = event;
    const time = new Date().toISOString();
    const stored = { ...event, job, data, id: this.lastId + 1, time };
    this.events.push(stored);
    for (const client of this.#clients) {
      if (client.filter(stored)) client.write(eventFrame(stored, client.format));
    }
    return stored.id;
  }

  /** Show that the streams are alive, and move their cursors. */
  heartbeat(): void {
    const beat = control(this.lastId, "heartbeat", { timestamp: new Date().toISOString() });
    for (const client of this.#clients) client.write(beat);
  }

  /** Cut all connections. */
  cut(): void {
    for (const client of [...this.#clients]) client.end();
  }

  /** Answer every further request with this status, until it is told 200. */
  answerWith(status: number): void {
    this.#refusal = status === 200 ? undefined : new Response(null, { status });
  }

  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const url = new URL(String(input), "http://mock");
    this.requests.push(String(input));
    if (this.#refusal) return this.#refusal.clone();
    const last = new Headers(init.headers).get("last-event-id");
    const body = this.#stream(url, last, init.signal ?? undefined);
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };

  #stream(url: URL, last: string | null, signal: AbortSignal | undefined): ReadableStream {
    const encoder = new TextEncoder();
    return new ReadableStream({
      start: (controller) => {
        const client: Client = {
          filter: matcher(filterIn(url)),
          format: url.searchParams.get("format"),
          write: (text) => controller.enqueue(encoder.encode(text)),
          end: () => {
            this.#clients.delete(client);
            controller.close();
          },
        };
        this.#greet(client, url.searchParams, last);
        this.#clients.add(client);
        signal?.addEventListener("abort", () => {
          if (this.#clients.delete(client)) controller.error(signal.reason);
        });
      },
    });
  }

  #greet(client: Client, query: URLSearchParams, last: string | null): void {
    const snapshot = !last && query.get("snapshot") === "1";
    const cursor = snapshot ? 0 : this.#begin(last ?? query.get("from"));
    const wanted = this.events.filter((event) => event.id > cursor && client.filter(event));
    const told = snapshot ? newestOfEach(wanted) : wanted;
    client.write(connected(cursor, this.lastId));
    for (const event of told) client.write(eventFrame(event, client.format));
    const end = { last_seq: this.lastId, events: told.length };
    if (snapshot) client.write(control(this.lastId, "snapshot-end", end));
    client.write(caughtUp(this.lastId, told.length));
  }

  #begin(from: string | null): number {
    if (from === null || from === "latest") return this.lastId;
    return from === "earliest" ? 0 : Number(from);
  }
}

function filterIn(url: URL): Filter {
  const list = (name: string) => url.searchParams.get(name)?.split(",");
  const [kind, id] = url.pathname.split("/").slice(-2).map(decodeURIComponent);
  return filterOf({
    ...(kind === "agents" && id !== undefined && { agent: id }),
    ...(kind === "jobs" && id !== undefined && { job: id }),
    ...{ agents: list("agents"), jobs: list("jobs"), types: list("event_types") },
  });
}

/** The last event of every agent, job and type. */
function newestOfEach(events: readonly Stored[]): Stored[] {
  const subject = ({ agent, job, type }: Stored) => JSON.stringify([agent, job, type]);
  const newest = new Map(events.map((event) => [subject(event), event]));
  return [...newest.values()].sort((one, other) => one.id - other.id);
}
