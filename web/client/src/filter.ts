/** Which events somebody wants, and the union of what many want. Pure. */

import type { AnyItem } from "./events.ts";
import type { Where } from "./options.ts";

/** Events of these agents and of these jobs and of these types; undefined is any. */
export interface Filter {
  readonly agents?: readonly string[] | undefined;
  readonly jobs?: readonly string[] | undefined;
  readonly types?: readonly string[] | undefined;
}

/** A filter that lets nothing through. */
export const NOTHING: Filter = { agents: [] };

/** What a job's stream shows unless it is asked for more; as in the bridge. */
const JOB_TYPES = ["calculation.progress"];

/** So long may the ids of a query be, that no proxy refuses it. */
const MOST_CHARACTERS = 4000;

/** What `connect` would show for these options. */
export function filterOf({ agent, job, agents, jobs, types }: Where): Filter {
  const wanted = types ?? (job === undefined ? undefined : JOB_TYPES);
  return {
    agents: both(agent, agents),
    jobs: both(job, jobs),
    types: !wanted?.length || wanted.includes("*") ? undefined : wanted,
  };
}

function both(one: string | undefined, many: readonly string[] | undefined) {
  if (one === undefined) return many;
  return !many || many.includes(one) ? [one] : [];
}

/** True if nothing at all is let through: a list of agents that is empty, say. */
export function isEmpty({ agents, jobs }: Filter): boolean {
  return agents?.length === 0 || jobs?.length === 0;
}

/** True if the filter lets the event through. */
export function matcher(filter: Filter): (event: AnyItem) => boolean {
  const agents = filter.agents && new Set(filter.agents);
  const jobs = filter.jobs && new Set<string | null | undefined>(filter.jobs);
  const { types } = filter;
  return ({ agent, job, type }) =>
    (!agents || agents.has(agent ?? "")) &&
    (!jobs || jobs.has(job)) &&
    (!types || types.some((pattern) => contains(pattern, type)));
}

/** The narrowest filter that lets everything through that one of these does. */
export function union(filters: readonly Filter[]): Filter {
  return {
    agents: merged(filters.map((each) => each.agents)),
    jobs: merged(filters.map((each) => each.jobs)),
    types: outermost(merged(filters.map((each) => each.types))),
  };
}

/** True if `wide` lets everything through that `narrow` does. */
export function covers(wide: Filter, narrow: Filter): boolean {
  const ids = (have?: readonly string[], want?: readonly string[]) =>
    !have || (want?.every((id) => have.includes(id)) ?? false);
  const { types } = wide;
  const inTypes = (type: string) => types?.some((pattern) => contains(pattern, type));
  return (
    ids(wide.agents, narrow.agents) &&
    ids(wide.jobs, narrow.jobs) &&
    (!types || (narrow.types?.every(inTypes) ?? false))
  );
}

/** The filter, made wider where a query could not say it. */
export function sendable(filter: Filter): Filter {
  const spoken = (ids?: readonly string[]) =>
    ids?.length &&
    !/,/.test(ids.join("")) &&
    encodeURIComponent(ids.join()).length < MOST_CHARACTERS
      ? ids
      : undefined;
  const { agents, jobs, types } = filter;
  return { agents: spoken(agents), jobs: spoken(jobs), types: spoken(types) };
}

function merged(lists: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  if (lists.includes(undefined)) return undefined;
  return [...new Set(lists.flat() as string[])].sort();
}

/** The patterns that are in no other. */
function outermost(types: readonly string[] | undefined): readonly string[] | undefined {
  return types?.filter((type) => !types.some((wide) => wide !== type && contains(wide, type)));
}

/** True if all that `type` names, `pattern` does too. */
function contains(pattern: string, type: string): boolean {
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
