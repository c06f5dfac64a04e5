import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AnyItem } from "../../src/events.ts";
import { covers, type Filter, filterOf, matcher, sendable, union } from "../../src/filter.ts";

const event = (agent: string, job: string | null, type: string): AnyItem => {
  return { id: 1, agent, job, type, data: {} };
};

const AGENTS = ["a", "b", "c"];
const JOBS = ["j", "k", null];
const TYPES = ["agent.status", "agent.note", "Work", "WorkflowStarted"];
const EVENTS = AGENTS.flatMap((a) => JOBS.flatMap((j) => TYPES.map((t) => event(a, j, t))));

const perhaps = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const anyFilter: fc.Arbitrary<Filter> = fc.record({
  agents: perhaps(fc.subarray(AGENTS)),
  jobs: perhaps(fc.subarray(["j", "k"])),
  types: perhaps(
    fc.subarray(["agent.*", "agent.status", "Work*", "Workflow*", "Work"], { minLength: 1 }),
  ),
});

describe("a filter", () => {
  test("lets through what fits all of its lists", () => {
    const fits = matcher({ agents: ["a"], jobs: ["j"], types: ["agent.*"] });
    expect(EVENTS.filter(fits).map(({ type }) => type)).toEqual(["agent.status", "agent.note"]);
  });

  test("without lists lets everything through", () => {
    expect(EVENTS.every(matcher({}))).toBe(true);
  });

  test("with an empty list lets nothing through", () => {
    expect(EVENTS.some(matcher({ agents: [] }))).toBe(false);
  });

  test("of a job is its progress, unless types are given", () => {
    expect(filterOf({ job: "j" })).toEqual({ jobs: ["j"], types: ["calculation.progress"] });
    expect(filterOf({ job: "j", types: ["*"] })).toEqual({ jobs: ["j"] });
  });

  test("of an agent that is not among the agents is empty", () => {
    expect(filterOf({ agent: "a", agents: ["b"] }).agents).toEqual([]);
    expect(filterOf({ agent: "a", agents: ["a", "b"] }).agents).toEqual(["a"]);
  });
});

test("a union covers each of its filters, and lets through what they do", () => {
  const holds = (filters: Filter[]) => {
    const wide = union(filters);
    const wanted = EVENTS.filter((it) => filters.some((each) => matcher(each)(it)));
    return filters.every((each) => covers(wide, each)) && wanted.every(matcher(wide));
  };
  fc.assert(fc.property(fc.array(anyFilter, { minLength: 1, maxLength: 4 }), holds));
});

test("a filter that covers another lets through all that the other does", () => {
  const holds = (wide: Filter, narrow: Filter) =>
    !covers(wide, narrow) || EVENTS.filter(matcher(narrow)).every(matcher(wide));
  fc.assert(fc.property(anyFilter, anyFilter, holds));
});

describe("what cannot be said in a query is made wider", () => {
  test("ids with a comma", () => {
    expect(sendable({ agents: ["a,b"], jobs: ["j"] })).toEqual({ jobs: ["j"] });
  });

  test("more ids than a proxy takes", () => {
    const agents = Array.from({ length: 999 }, (_, n) => `agent-number-${n}`);
    expect(sendable({ agents, types: ["note"] })).toEqual({ types: ["note"] });
  });
});
