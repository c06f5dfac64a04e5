/** What a user of the client can say. */

import type { Memory } from "./memory.ts";
import type { Patience } from "./plan.ts";
import type { Transport } from "./transport.ts";

/** A time: RFC 3339, milliseconds since 1970, a Date, or a duration ago such as `15m`. */
export type Time = string | number | Date;

/** Which bridge, and how to reach it. */
export interface BridgeOptions extends Partial<Patience> {
  /** Where the bridge is, such as `https://events.example`; empty for the page's own origin. */
  url?: string;
  /** The bridge's setting `api_prefix`. Default `/api/v1/stream`. */
  prefix?: string;
  /** Called before each request, reconnects included; sent as `Authorization: Bearer`. */
  token?: (() => Promise<string> | string) | undefined;
  headers?: Readonly<Record<string, string>>;
  /** As for `fetch`. `include` sends cookies to another origin. */
  credentials?: RequestCredentials;
  fetch?: typeof globalThis.fetch;
  /** How streams are opened: `fetchTransport()` by default, or `eventSourceTransport()`. */
  transport?: Transport;
}

/** Which events. What is not given is not narrowed. */
export interface Where {
  agent?: string;
  /** Its `calculation.progress` alone, unless `types` says otherwise; `["*"]` is everything. */
  job?: string;
  agents?: readonly string[];
  jobs?: readonly string[];
  /** Event types; a `*` at the end stands for the rest, as in `chat.*`. */
  types?: readonly string[];
}

/** From where. The default is what comes from now on; for tasks and sessions, their beginning. */
export interface Start {
  from?: "earliest" | "latest" | "recent" | number;
  since?: Time;
  /** Begin with the last event of every matching subject, then everything after them. */
  snapshot?: boolean;
  /** Begin after this id. */
  lastEventId?: number;
}

export interface ConnectOptions extends BridgeOptions, Where, Start {
  /** One task of an agent: its history first, until the task has ended. */
  task?: { agent: string; id: string };
  /** One session: its history first, until the session has ended. */
  session?: string;
  until?: Time;
  limit?: number;
  /** Replay the past at so many times its own pace. 0 and default: as fast as it goes. */
  speed?: number;
  /** `cloudevents` tells the agent, job and time of each event. Default `native`. */
  format?: "native" | "cloudevents";
  /** A name under which the bridge keeps the client's place, for days. */
  clientId?: string;
  /** `explicit`: the place moves by `ack(id)` alone. Needs a `clientId`. */
  ack?: "auto" | "explicit";
  /** Where the last id is kept beyond the page: `sessionMemory("name")`, for example. */
  memory?: Memory;
  /** Further query parameters, as the bridge has them. */
  params?: Readonly<Record<string, string>>;
}
