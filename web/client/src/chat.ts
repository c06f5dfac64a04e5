import { patience } from "./connect.ts";
import { unnamed } from "./decode.ts";
import { EventStream } from "./event-stream.ts";
import type { EventOf, OtherEvent } from "./events.ts";
import { fetchTransport } from "./fetch-transport.ts";
import type { EventDataByType } from "./generated/events.ts";
import { streamHeaders } from "./headers.ts";
import type { BridgeOptions } from "./options.ts";
import { at } from "./route.ts";
import type { Ask } from "./transport.ts";

type ChatTypes = Pick<EventDataByType, Extract<keyof EventDataByType, `chat.${string}`>>;

/** The two ways in which a turn's stream ends. */
interface Ends {
  done: { status: string };
  error: { error: string };
}

/** What comes of one turn: messages, and at last `done` or `error`. */
export type ChatEvent = EventOf<ChatTypes & Ends> | OtherEvent;

export interface ChatOptions extends BridgeOptions {
  message: string;
  /** The same turn has the same id, however often it is sent. Made up if not given. */
  requestId?: string;
  /** More for the agent: further fields of the request's body. */
  fields?: Readonly<Record<string, unknown>>;
  /** Query parameters of the stream, such as `batch` and `max_wait_ms`. */
  params?: Readonly<Record<string, string>>;
}

/**
 * Submit a message, and watch the turn. It is submitted by POST, when somebody listens; a
 * connection that is cut goes on with the same turn.
 */
export function chat(options: ChatOptions): EventStream<ChatEvent> {
  const requestId = options.requestId ?? newId();
  return new EventStream({
    transport: options.transport ?? fetchTransport(options.fetch),
    ask: (cursor) => ask(options, requestId, cursor),
    decode: unnamed("chat"),
    isLast: ({ type }) => type === "done" || type === "error",
    patience: patience(options),
  });
}

/** Until the turn has an id that one can resume after, it is sent again: it has a name. */
async function ask(options: ChatOptions, id: string, cursor: number | undefined): Promise<Ask> {
  const { message, fields, params, credentials } = options;
  const headers = await streamHeaders(options, cursor);
  const query = new URLSearchParams(params);
  if (cursor === undefined) {
    headers["Content-Type"] = "application/json";
    const body = JSON.stringify({ ...fields, message, request_id: id });
    return { url: at(options, "/api/chat/message", query.toString()), headers, body, credentials };
  }
  query.set("message", message);
  query.set("request_id", id);
  return { url: at(options, "/api/chat/stream", query.toString()), headers, cursor, credentials };
}

/** 128 random bits; `crypto.randomUUID` is missing on pages without HTTPS. */
function newId(): string {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return `req_${[...parts].map((part) => part.toString(36)).join("")}`;
}
