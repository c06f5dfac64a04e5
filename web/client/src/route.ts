/** From options to a path and a query. Pure. */

import { JetbridgeError } from "./errors.ts";
import type { BridgeOptions, ConnectOptions, Time } from "./options.ts";

export const PREFIX = "/api/v1/stream";

/** The URL of `path` at the bridge. */
export function at({ url = "" }: BridgeOptions, path: string, query = ""): string {
  return url.replace(/\/+$/, "") + path + (query && `?${query}`);
}

/** The path of the stream that is asked for. Throws JetbridgeError for two at once. */
export function streamPath(options: ConnectOptions): string {
  const { agent, job, task, session, prefix = PREFIX } = options;
  const named = [agent, job, task, session].filter((each) => each !== undefined);
  if (named.length > 1) {
    throw new JetbridgeError("one of agent, job, task, session", "try { agent, jobs: [job] }");
  }
  if (agent !== undefined) return `${prefix}/agents/${encodeURIComponent(agent)}`;
  if (job !== undefined) return `${prefix}/jobs/${encodeURIComponent(job)}`;
  if (task) return `${taskPath(task.agent, task.id)}/events/stream`;
  if (session !== undefined) return `/sessions/${encodeURIComponent(session)}/stream`;
  return `${prefix}/events`;
}

export function taskPath(agent: string, id?: string): string {
  const tasks = `/api/v1/agents/${encodeURIComponent(agent)}/tasks`;
  return id === undefined ? tasks : `${tasks}/${encodeURIComponent(id)}`;
}

/** The query. `delivered` events of `limit` are there already. */
export function streamQuery(options: ConnectOptions, delivered: number): string {
  const { from, since, until, speed, snapshot, limit, format, clientId, ack } = options;
  const parameters = {
    event_types: options.types?.join(),
    agents: list("agents", options.agents),
    jobs: list("jobs", options.jobs),
    from,
    since: time(since),
    until: time(until),
    speed,
    snapshot: snapshot ? 1 : undefined,
    limit: limit && limit - delivered,
    format,
    client_id: clientId,
    ack,
    ...options.params,
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

/** The bridge splits lists at commas: such an id can be asked for only in a path. */
function list(name: string, ids: readonly string[] | undefined): string | undefined {
  const odd = ids?.find((id) => id.includes(","));
  if (odd === undefined) return ids?.join();
  throw new JetbridgeError(`${name}: "${odd}" has a comma`, "watch it by { agent } or { job }");
}

function time(value: Time | undefined): string | number | undefined {
  return value instanceof Date ? value.toISOString() : value;
}
