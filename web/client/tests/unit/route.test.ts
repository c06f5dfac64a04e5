import { describe, expect, test } from "vitest";
import { JetbridgeError } from "../../src/errors.ts";
import type { ConnectOptions } from "../../src/options.ts";
import { at, streamPath, streamQuery } from "../../src/route.ts";

describe("the path", () => {
  test("is that of the one thing that is watched", () => {
    expect(streamPath({})).toBe("/api/v1/stream/events");
    expect(streamPath({ agent: "a/b ü" })).toBe("/api/v1/stream/agents/a%2Fb%20%C3%BC");
    expect(streamPath({ job: "job:1", prefix: "/s" })).toBe("/s/jobs/job%3A1");
    expect(streamPath({ session: "s" })).toBe("/sessions/s/stream");
    expect(streamPath({ task: { agent: "a", id: "t" } })).toBe(
      "/api/v1/agents/a/tasks/t/events/stream",
    );
  });

  test("of two things at once is refused, with what to do instead", () => {
    const asking = () => streamPath({ agent: "a", job: "j" });
    expect(asking).toThrow(JetbridgeError);
    expect(asking).toThrow(expect.objectContaining({ hint: "try { agent, jobs: [job] }" }));
  });

  test("goes below the URL of the bridge, with or without a slash at its end", () => {
    expect(at({ url: "https://h/b/" }, "/x", "a=1")).toBe("https://h/b/x?a=1");
    expect(at({}, "/x")).toBe("/x");
  });
});

describe("the query", () => {
  test("says everything that is asked for by the names of the bridge", () => {
    const options: ConnectOptions = {
      ...{ agents: ["a", "b"], jobs: ["j"], types: ["chat.*"], from: 7, speed: 10 },
      ...{ since: "15m", until: new Date(0), snapshot: true, clientId: "c" },
      ...{ ack: "explicit", format: "cloudevents", params: { batch: "5" } },
    };
    expect(Object.fromEntries(new URLSearchParams(streamQuery(options, 0)))).toEqual({
      ...{ agents: "a,b", jobs: "j", event_types: "chat.*", from: "7", speed: "10" },
      ...{ since: "15m", until: "1970-01-01T00:00:00.000Z", snapshot: "1", client_id: "c" },
      ...{ ack: "explicit", format: "cloudevents", batch: "5" },
    });
  });

  test("is empty when nothing is asked for", () => {
    expect(streamQuery({ snapshot: false }, 0)).toBe("");
  });

  test("asks for what is left of a limit", () => {
    expect(streamQuery({ limit: 10 }, 4)).toBe("limit=6");
  });

  test("cannot name an id with a comma in a list", () => {
    expect(() => streamQuery({ agents: ["a,b"] }, 0)).toThrow('agents: "a,b" has a comma');
  });
});
