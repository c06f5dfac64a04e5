import { Acks } from "./acks.ts";
import { call } from "./call.ts";
import { clientPath } from "./clients.ts";
import { cloudevents, type Decode, native, unnamed } from "./decode.ts";
import { EventStream } from "./event-stream.ts";
import type { AnyItem, NoTypes, StreamEvent } from "./events.ts";
import { fetchTransport } from "./fetch-transport.ts";
import { streamHeaders } from "./headers.ts";
import type { BridgeOptions, ConnectOptions } from "./options.ts";
import type { Patience, Plan } from "./plan.ts";
import { at, streamPath, streamQuery } from "./route.ts";

/**
 * Watch a stream of a bridge. It connects when somebody listens to it, reconnects and resumes by
 * itself, and gives each event once, in order.
 *
 * Throws JetbridgeError for options that contradict each other.
 */
export function connect<Custom = NoTypes>(
  options: ConnectOptions = {},
): EventStream<StreamEvent<Custom>> {
  const path = streamPath(options);
  streamQuery(options, 0);
  return new EventStream({
    transport: options.transport ?? fetchTransport(options.fetch),
    ask: async (cursor, delivered) => ({
      url: at(options, path, streamQuery(options, delivered)),
      headers: await streamHeaders(options, cursor),
      credentials: options.credentials,
      types: options.types,
      cursor,
    }),
    decode: decoder(options),
    isLast: lastOf(options),
    limit: options.limit,
    patience: patience(options),
    memory: options.memory,
    cursor: options.lastEventId,
    ack: options.clientId === undefined ? undefined : acking(options, options.clientId),
  });
}

/** The bridge's heartbeats come every 30 s by default: two may be late. */
export function patience({
  silenceMs = 75_000,
  openMs = 20_000,
  maxRetryMs = 30_000,
}: BridgeOptions): Patience {
  return { silenceMs, openMs, maxRetryMs };
}

function decoder({ format, session }: ConnectOptions): Decode {
  if (format === "cloudevents") return cloudevents;
  return session === undefined ? native : unnamed("session");
}

/** The event after which the bridge ends the stream of a task or session. */
function lastOf({ task, session }: ConnectOptions): (item: AnyItem) => boolean {
  if (task) return ({ type }) => type === "WorkflowCompleted" || type === "WorkflowFailed";
  if (session !== undefined) return ({ type }) => type === "session.completion";
  return () => false;
}

function acking(options: ConnectOptions, client: string): Plan["ack"] {
  const path = `${clientPath(options, client)}/ack`;
  const acks = new Acks((id, cursor) => call(options, "POST", path, { id, cursor }));
  return (id, cursor) => acks.ack(id, cursor ?? undefined);
}
