/** Frames as the bridge writes them. Pure. */

import type { ControlEventDataByType } from "../generated/events.ts";

/** An event as it is published. */
export interface Published {
  agent: string;
  job?: string | null;
  type: string;
  data?: unknown;
}

/** A published event with its place in the stream. */
export interface Stored extends Required<Published> {
  id: number;
  time: string;
}

/** Any frame; without `event` it is unnamed. */
export function frame(id: number | undefined, event: string | undefined, data: unknown): string {
  const lines = [`data: ${JSON.stringify(data)}\n\n`];
  if (event !== undefined) lines.unshift(`event: ${event}\n`);
  if (id !== undefined) lines.unshift(`id: ${id}\n`);
  return lines.join("");
}

/** A frame of the bridge itself. */
export function control<T extends keyof ControlEventDataByType>(
  id: number,
  type: T,
  data: ControlEventDataByType[T],
): string {
  return frame(id, type, data);
}

/** What opens a stream. */
export function connected(cursor: number, last = cursor): string {
  return `retry: 3000\n${control(cursor, "connected", {
    status: "connected",
    client_id: null,
    stream: "global",
    cursor,
    first_seq: 1,
    last_seq: last,
    resumed: false,
    durable: false,
    durable_reason: null,
    durable_cursor: null,
  })}`;
}

export function caughtUp(cursor: number, replayed = 0): string {
  return control(cursor, "caught-up", { last_seq: cursor, replayed });
}

/** A stored event in the format that a request asks for. */
export function eventFrame(event: Stored, format: string | null): string {
  const { id, type, agent, job, time, data } = event;
  if (format !== "cloudevents") return frame(id, type, data);
  const source = `/agents/${encodeURIComponent(agent)}`;
  const subject = job === null ? {} : { subject: job };
  const attributes = { specversion: "1.0", id: String(id), source, type, time, ...subject };
  return frame(id, type, { ...attributes, data });
}
