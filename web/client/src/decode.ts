/** From the data of a frame to an event. Pure; throws SyntaxError for what is no JSON. */

import type { AnyItem } from "./events.ts";
import type { Frame } from "./frame.ts";

export type Decode = (frame: Frame, id: number) => AnyItem;

/** `event:` names the type, data is the publisher's JSON. */
export const native: Decode = (frame, id) => ({
  id,
  type: frame.event ?? "message",
  data: JSON.parse(frame.data),
});

/** Data is a CloudEvent, which says whose event it is. */
export const cloudevents: Decode = (frame, id) => {
  const { type, source, subject, time, data } = JSON.parse(frame.data);
  const agent = decodeURIComponent(source.slice("/agents/".length));
  return { id, type, agent, job: subject ?? null, time, data };
};

/** Frames without a name; `_type` or `type` in the data tells what they are. */
export function unnamed(family: "chat" | "session"): Decode {
  return (frame, id) => {
    const data = JSON.parse(frame.data);
    const named = frame.event && frame.event !== "message";
    return {
      id,
      type: named ? frame.event : `${family}.${data._type ?? data.type}`,
      data,
    } as AnyItem;
  };
}
