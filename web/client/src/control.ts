import { CONTROL_TYPES } from "./generated/events.ts";

const CONTROL = new Set<string | undefined>(CONTROL_TYPES);
const NOTICES = new Set(["gap", "caught-up", "snapshot-end"]);

/** True for the types of what the bridge says itself; publishers cannot use them. */
export const isControl = (type: string | undefined): boolean => CONTROL.has(type);

/** True for those that belong between the events: see `Notice`. */
export const isNotice = (type: string): boolean => NOTICES.has(type);
