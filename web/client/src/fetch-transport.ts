import { createParser } from "eventsource-parser";
import { failure } from "./answers.ts";
import { RefusedError } from "./errors.ts";
import type { Ask, End, Receiver, Transport } from "./transport.ts";

/** Streams by `fetch`: with headers, POST, and answers that can be told apart. */
export function fetchTransport(fetch: typeof globalThis.fetch = globalThis.fetch): Transport {
  return async (ask, to, signal) => {
    const answer = await fetch(ask.url, init(ask, signal));
    to.alive();
    if (answer.status === 204) return "over";
    if (!answer.ok) throw await failure(answer);
    checkType(answer);
    return read(answer, to, signal);
  };
}

function init(ask: Ask, signal: AbortSignal): RequestInit {
  const { headers, body, credentials = "same-origin" } = ask;
  const method = body === undefined ? "GET" : "POST";
  return { method, headers, body, credentials, cache: "no-store", signal } as RequestInit;
}

/** A page of HTML with status 200 is what a wrong URL looks like. */
function checkType(answer: Response): void {
  const type = answer.headers.get("content-type") ?? "no content type";
  if (type.startsWith("text/event-stream")) return;
  throw new RefusedError(
    answer.status,
    `expected text/event-stream, got ${type}`,
    `is ${answer.url} a bridge?`,
  );
}

async function read(answer: Response, to: Receiver, signal: AbortSignal): Promise<End> {
  const parser = createParser({
    onEvent: (event) => signal.aborted || to.frame(event),
    onRetry: (milliseconds) => to.retry(milliseconds),
  });
  const decoder = new TextDecoder();
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return "cut";
      to.alive();
      parser.feed(decoder.decode(value, { stream: true }));
      await to.rest();
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
