import { beforeEach, describe, expect, test } from "vitest";
import type { AnyItem } from "../../src/events.ts";
import { connect } from "../../src/index.ts";
import { Member } from "../../src/member.ts";
import { caughtUp, connected, eventFrame, scriptedFetch } from "../../src/testing/index.ts";
import { recording } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

const A = { agents: ["a"] };
const NOTHING = { agents: [] };
const note = (id: number, agent = "a"): AnyItem => ({ id, type: "note", agent, data: { n: id } });
const gap = (id: number): AnyItem => ({ id, type: "gap", data: {} });
const batch = (upto: number, ...items: AnyItem[]) => ({ items, after: 0, upto });

let sides: object[];
beforeEach(() => {
  sides = [];
});

/** A member whose own streams give these events, and then stay open. */
function member(start: object, ...past: number[]) {
  const last = past.at(-1) ?? 0;
  const frames = past.map((id) =>
    eventFrame(
      { id, type: "note", agent: "a", job: null, time: "", data: { n: id } },
      "cloudevents",
    ),
  );
  const fetch = scriptedFetch({ hang: [connected(0, last), ...frames, caughtUp(last)] });
  const made = new Member(A, start, {
    feedStatus: () => ({ state: "live" }),
    enter: () => {},
    leave: () => {},
    openSide: (filter, from) => {
      sides.push(from);
      return connect({ ...filter, ...from, fetch, format: "cloudevents" });
    },
  });
  return { made, seen: recording(made) };
}

describe("a member that wants the present", () => {
  test("is live as soon as the feed brings what it wants", () => {
    const { made, seen } = member({});
    made.covered({ agents: ["b"] }, 5);
    made.batch(batch(6, note(6)));
    expect(made.status.state).toBe("connecting");
    made.covered({}, 10);
    expect(made.status.state).toBe("live");
    made.batch(batch(12, note(11), note(12, "b")));
    expect(seen.ids()).toEqual([11]);
    expect(made.cursor).toBe(12);
    expect(sides).toEqual([]);
  });

  test("catches up when the feed has left it out for a while", async () => {
    const { made, seen } = member({}, 11, 12, 13);
    made.covered(A, 10);
    made.batch(batch(11, note(11)));
    made.covered(NOTHING, 0);
    made.covered(A, 13);
    made.batch(batch(14, note(14)));
    await eventually(() => seen.ids().includes(13));
    expect(sides).toEqual([{ lastEventId: 11 }]);
    expect(seen.ids()).toEqual([11, 12, 13]);
    expect(made.status.state).toBe("live");
    made.close();
  });

  test("need not catch up when it was left out of nothing", () => {
    const { made } = member({});
    made.covered(A, 10);
    made.covered(NOTHING, 0);
    made.covered(A, 10);
    expect(made.status.state).toBe("live");
    expect(sides).toEqual([]);
  });
});

describe("a member that wants the past", () => {
  test("leaves its own stream only when that has brought what the feed had meanwhile", async () => {
    const { made, seen } = member({ from: "earliest" }, 1, 2, 3);
    made.covered(A, 2);
    made.batch(batch(4, note(3), note(4)));
    await eventually(() => seen.ids().includes(3));
    made.batch(batch(5, note(5)));
    expect(seen.ids()).toEqual([1, 2, 3]);
    made.close();
  });

  test("is not given twice what both have", async () => {
    const { made, seen } = member({ from: "earliest" }, 1, 2, 3);
    made.covered(A, 1);
    await eventually(() => seen.ids().includes(3) && made.status.state === "live");
    made.batch(batch(4, note(2), note(3), note(4)));
    expect(seen.ids()).toEqual([1, 2, 3, 4]);
    made.close();
  });
});

describe("sequences that begin anew", () => {
  test("are followed by a live member", () => {
    const { made, seen } = member({});
    made.covered(A, 1000);
    made.batch(batch(3, gap(2), note(3)));
    expect(seen.ids()).toEqual([3]);
    expect(seen.notices.map(({ type }) => type)).toEqual(["gap"]);
  });

  test("end the past of a member that is catching up", async () => {
    const { made, seen } = member({ from: "earliest" }, 1000, 1001);
    made.covered(A, 2000);
    await eventually(() => seen.ids().includes(1001));
    made.batch(batch(3, gap(2), note(3)));
    expect(seen.ids()).toEqual([1000, 1001, 3]);
    expect(made.cursor).toBe(3);
  });
});
