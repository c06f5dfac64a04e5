import type { AlarmUpdate } from "../generated/events.ts";
import type { Time, Where } from "../options.ts";
import { bySeverity } from "../state/alarms.ts";
import type { Newest } from "../state/plant.ts";
import type { View } from "./store.ts";
import { usePlant } from "./use-plant.ts";

export interface AlarmsOptions extends Omit<Where, "types"> {
  /** How far to look back; default `24h`. */
  since?: Time;
}

export interface AlarmsView extends Omit<View<unknown>, "state"> {
  /** The gravest first; of equal ones, the newest. */
  readonly alarms: readonly Newest<AlarmUpdate>[];
}

/** Alarms, each as it was told last. */
export function useAlarms({ since = "24h", ...where }: AlarmsOptions = {}): AlarmsView {
  const { state, status, gap } = usePlant({ ...where, since, types: ["alarm.update"] });
  return { alarms: bySeverity(state.alarms.values()), status, gap };
}
