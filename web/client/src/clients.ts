import { call } from "./call.ts";
import type { BridgeOptions } from "./options.ts";
import { PREFIX } from "./route.ts";

/** One place that the bridge keeps: a client has one for each filter that it uses. */
export interface ClientCursor {
  cursor: string;
  filters: { agents?: string[]; jobs?: string[]; event_types?: string[]; more?: number };
  position: number;
  /** Matching events after `position`; null where that is not known. */
  pending: number | null;
  last_seen: string;
  connected: boolean;
}

/** A durable client, as the bridge knows it. */
export interface Client {
  client_id: string;
  cursors: ClientCursor[];
}

/** Where a durable client is. Rejects with RefusedError (404) if there is none of this name. */
export function showClient(options: BridgeOptions, clientId: string): Promise<Client> {
  return call(options, "GET", clientPath(options, clientId));
}

/** Forget all places of a durable client. */
export function forgetClient(options: BridgeOptions, clientId: string): Promise<void> {
  return call(options, "DELETE", clientPath(options, clientId));
}

export function clientPath({ prefix = PREFIX }: BridgeOptions, clientId: string): string {
  return `${prefix}/clients/${encodeURIComponent(clientId)}`;
}
