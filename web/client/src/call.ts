import { failure } from "./answers.ts";
import { freshHeaders } from "./headers.ts";
import type { BridgeOptions } from "./options.ts";
import { at } from "./route.ts";

/** Ask the bridge something that is no stream. Rejects with RefusedError or TransientError. */
export async function call<Answer>(
  options: BridgeOptions,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const headers: Record<string, string> = await freshHeaders(options);
  headers.Accept = "application/json";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const { fetch = globalThis.fetch, credentials = "same-origin" } = options;
  const sent = body === undefined ? null : JSON.stringify(body);
  const answer = await fetch(at(options, path), { method, headers, credentials, body: sent });
  if (!answer.ok) throw await failure(answer);
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as Answer;
}
