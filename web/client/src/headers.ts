import { TransientError } from "./errors.ts";
import type { BridgeOptions } from "./options.ts";

/** The headers of the next request, with a fresh token. Rejects with TransientError if there is none. */
export async function freshHeaders(options: BridgeOptions): Promise<Record<string, string>> {
  const headers = { ...options.headers };
  if (!options.token) return headers;
  try {
    headers.Authorization = `Bearer ${await options.token()}`;
  } catch (error) {
    throw new TransientError("token", `no token: ${error}`);
  }
  return headers;
}

/** What a stream is asked with. */
export async function streamHeaders(
  options: BridgeOptions,
  cursor: number | undefined,
): Promise<Record<string, string>> {
  const headers = await freshHeaders(options);
  headers.Accept = "text/event-stream";
  if (cursor !== undefined) headers["Last-Event-ID"] = String(cursor);
  return headers;
}
