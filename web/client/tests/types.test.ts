import { describe, expectTypeOf, test } from "vitest";
import {
  type AgentStatus,
  type ChatEvent,
  connect,
  type Gap,
  Hub,
  type Item,
  type Status,
  type StreamEvent,
} from "../src/index.ts";
import type { useEventStream } from "../src/react/index.ts";

interface Custom {
  note: { text: string };
}

describe("events are a discriminated union", () => {
  test("of the types in the schemas", () => {
    const look = (event: StreamEvent) => {
      if (event.type === "agent.status") expectTypeOf(event.data).toEqualTypeOf<AgentStatus>();
      if (event.type === "metrics.update") {
        expectTypeOf(event.data.metrics).toEqualTypeOf<Record<string, number>>();
      }
      expectTypeOf(event.id).toEqualTypeOf<number>();
      expectTypeOf(event.type).toExtend<string>();
    };
    expectTypeOf(look).toBeFunction();
  });

  test("of which the rest is unknown, not any", () => {
    const look = (event: Exclude<StreamEvent, { type: keyof EventTypes }>) => {
      expectTypeOf(event.data).toEqualTypeOf<Readonly<Record<string, unknown>>>();
    };
    expectTypeOf(look).toBeFunction();
  });

  test("to which types of one's own can be added", () => {
    const look = (event: StreamEvent<Custom>) => {
      if (event.type === "note") expectTypeOf(event.data.text).toEqualTypeOf<string>();
      // @ts-expect-error a type that nobody has declared
      if (event.type === "noet") throw event;
    };
    expectTypeOf(look).toBeFunction();
  });

  test("with the notices, when it is looped over", () => {
    const look = (item: Item<StreamEvent>) => {
      if (item.type === "gap") expectTypeOf(item.data).toEqualTypeOf<Gap>();
      if (item.type === "gap") expectTypeOf(item.data.reason).toEqualTypeOf<Gap["reason"]>();
      // @ts-expect-error heartbeats are not for loops
      if (item.type === "heartbeat") throw item;
    };
    expectTypeOf(look).toBeFunction();
  });
});

describe("listeners get the data of their type", () => {
  const stream = connect<Custom>();

  test("known, added, of the bridge, and unknown", () => {
    stream.on("agent.status", ({ data }) => expectTypeOf(data).toEqualTypeOf<AgentStatus>());
    stream.on("note", ({ data }) => expectTypeOf(data).toEqualTypeOf<{ text: string }>());
    stream.on("heartbeat", ({ data }) => expectTypeOf(data.timestamp).toEqualTypeOf<string>());
    stream.on("no.such.type", ({ data }) => {
      expectTypeOf(data).toEqualTypeOf<Readonly<Record<string, unknown>>>();
    });
    stream.on("*", (event) => expectTypeOf(event).toEqualTypeOf<StreamEvent<Custom>>());
    stream.close();
  });
});

test("a status says what belongs to it", () => {
  const look = (status: Status) => {
    if (status.state === "offline") expectTypeOf(status.retryAt).toEqualTypeOf<number>();
    if (status.state === "replaying") expectTypeOf(status.percent).toEqualTypeOf<number>();
    if (status.state === "ended") {
      expectTypeOf(status.reason).toEqualTypeOf<"complete" | "closed" | "refused">();
    }
  };
  expectTypeOf(look).toBeFunction();
});

test("a hub knows whose an event is", () => {
  new Hub().subscribe().on("agent.status", (event) => {
    expectTypeOf(event.agent).toEqualTypeOf<string>();
    expectTypeOf(event.job).toEqualTypeOf<string | null>();
    expectTypeOf(event.data).toEqualTypeOf<AgentStatus>();
  });
  expectTypeOf<
    ReturnType<typeof useEventStream>["events"][number]["time"]
  >().toEqualTypeOf<string>();
});

test("a chat tells its messages apart", () => {
  const look = (event: ChatEvent) => {
    if (event.type === "chat.text") expectTypeOf(event.data.content).toEqualTypeOf<string>();
    if (event.type === "error") expectTypeOf(event.data.error).toEqualTypeOf<string>();
    // @ts-expect-error no event of a chat
    if (event.type === "agent.status") throw event;
  };
  expectTypeOf(look).toBeFunction();
});

test("options that do not exist are errors", () => {
  // @ts-expect-error it is called `agent`
  connect({ agnet: "a" }).close();
  // @ts-expect-error a subscription has no `until`
  new Hub().subscribe({ until: "1h" }).close();
});

type EventTypes = import("../src/index.ts").EventDataByType;
