import type { HubEvent } from "../hub.ts";
import type { Start, Where } from "../options.ts";
import { initialPlantState, type PlantState, reducePlant } from "../state/plant.ts";
import { useHub } from "./provider.ts";
import type { View } from "./store.ts";
import { keyOf, useStreamStore } from "./use-stream-store.ts";

/** All that is known of a plant, or of a part of it, from the newest of each thing on. */
export function usePlant(wanted: Where & Start = { snapshot: true }): View<PlantState> {
  const hub = useHub();
  return useStreamStore<PlantState, HubEvent>(
    keyOf(hub, wanted),
    () => hub.subscribe(wanted),
    reducePlant,
    initialPlantState,
  );
}
