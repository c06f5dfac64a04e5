import { createContext, createElement, type ReactNode, useContext } from "react";
import { JetbridgeError } from "../errors.ts";
import type { Hub } from "../hub.ts";

const HubContext = createContext<Hub | null>(null);

/** Gives the components below one hub, and so one connection. */
export function JetbridgeProvider({ hub, children }: { hub: Hub; children?: ReactNode }) {
  return createElement(HubContext.Provider, { value: hub }, children);
}

/** The hub of the nearest provider. Throws JetbridgeError outside of one. */
export function useHub(): Hub {
  const hub = useContext(HubContext);
  if (hub) return hub;
  throw new JetbridgeError("no hub here", "put <JetbridgeProvider hub={new Hub({ url })}> around");
}
