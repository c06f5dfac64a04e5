import type { AlarmSeverityEnum, AlarmUpdate } from "../generated/events.ts";
import type { Newest } from "./plant.ts";

/** From the lowest to the highest. */
export const SEVERITIES: readonly AlarmSeverityEnum[] = ["INFO", "WARNING", "CRITICAL", "ALERT"];

/** The gravest first; of equal ones, the newest. */
export function bySeverity(alarms: Iterable<Newest<AlarmUpdate>>): Newest<AlarmUpdate>[] {
  const rank = ({ severity }: AlarmUpdate) => SEVERITIES.indexOf(severity);
  return [...alarms].sort((one, other) => rank(other) - rank(one) || other.id - one.id);
}
