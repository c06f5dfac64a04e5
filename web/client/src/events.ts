/** What comes out of a stream: the publishers' events, and what the bridge says itself. */

import type { ControlEventDataByType, EventDataByType } from "./generated/events.ts";

export type * from "./generated/events.ts";

/** Where an event stands and, where the bridge tells it, whose it is. */
export interface Envelope {
  /** The JetStream sequence. It grows from event to event and is good on every stream. */
  readonly id: number;
  /** The publishing agent. With `format: "cloudevents"` and from a hub only. */
  readonly agent?: string;
  /** The unit of work the event belongs to, null for none. As `agent`. */
  readonly job?: string | null;
  /** When the event was stored, RFC 3339 in UTC. As `agent`. */
  readonly time?: string;
}

/** An event type that is not among the known ones: some text, which equals none of them. */
export declare enum OtherType {
  Unknown = "*",
}

/** An event of a type that only its publisher knows. */
export interface OtherEvent extends Envelope {
  readonly type: OtherType;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A discriminated union over `type`, from a map of types to data. */
export type EventOf<Types> = {
  [T in keyof Types & string]: Envelope & { readonly type: T; readonly data: Types[T] };
}[keyof Types & string];

/** No event types of one's own. */
export type NoTypes = Record<never, never>;

/** Any event of a publisher. `Custom` adds types of your own: `{ note: { text: string } }`. */
export type StreamEvent<Custom = NoTypes> = EventOf<EventDataByType & Custom> | OtherEvent;

/** What the bridge says between events, and a reader of them should know. */
export type Notice = EventOf<Pick<ControlEventDataByType, "gap" | "caught-up" | "snapshot-end">>;

/** What iterating over a stream gives, in the order of the stream. */
export type Item<Event> = Event | Notice;

/** Any item before its type is known. */
export interface AnyItem extends Envelope {
  readonly type: string;
  readonly data: unknown;
}
