/** What happens on a connection: text that comes, milliseconds that pass. */
export type Happening = string | number;

/** A stream, which is closed after its last happening unless it hangs; or another answer. */
export type Answer =
  | readonly Happening[]
  | { readonly hang: readonly Happening[] }
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

export interface RecordedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export type ScriptedFetch = typeof globalThis.fetch & { readonly requests: RecordedRequest[] };

/**
 * A `fetch` that answers one request after another as it is told, the last answer again and
 * again. Every request is kept in `requests`.
 *
 *     connect({ fetch: scriptedFetch([connected(1), event(2, "note", {})], { status: 204 }) })
 */
export function scriptedFetch(...answers: Answer[]): ScriptedFetch {
  const requests: RecordedRequest[] = [];
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = Object.fromEntries(new Headers(init.headers));
    const body = typeof init.body === "string" ? init.body : undefined;
    requests.push({ url: String(input), method: init.method ?? "GET", headers, body });
    const answer = answers[Math.min(requests.length, answers.length) - 1] ?? { status: 404 };
    return respond(answer, init.signal ?? undefined);
  };
  return Object.assign(fetch, { requests });
}

export function respond(answer: Answer, signal?: AbortSignal): Response {
  if ("status" in answer) {
    const { status, headers = {}, body = null } = answer;
    return new Response(body, { status, headers });
  }
  const [happenings, hangs] = "hang" in answer ? [answer.hang, true] : [answer, false];
  const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
  return new Response(playing(happenings, hangs, signal), { headers });
}

function playing(happenings: readonly Happening[], hangs: boolean, signal?: AbortSignal) {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      signal?.addEventListener("abort", () => controller.error(signal.reason));
      for (const happening of happenings) {
        if (typeof happening === "number") await pass(happening);
        else if (!signal?.aborted) controller.enqueue(encoder.encode(happening));
      }
      if (!hangs && !signal?.aborted) controller.close();
    },
  });
}

const pass = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
