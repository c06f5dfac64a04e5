/** What the answers of a bridge mean that are no success. */

import { RefusedError, TransientError } from "./errors.ts";

/** 4xx that come from proxies and pass. The bridge's own refusals below 500 are for good. */
const PASSING = [408, 425];

/** The error that this answer stands for. */
export async function failure(answer: Response): Promise<Error> {
  const { status } = answer;
  const problem = await readProblem(answer);
  const message = problem.detail || problem.title || `HTTP ${status} ${answer.statusText}`.trim();
  if (status >= 400 && status < 500 && !PASSING.includes(status)) {
    return new RefusedError(status, message, problem.hint);
  }
  return new TransientError("busy", message, retryAfter(answer.headers.get("retry-after")));
}

/** Milliseconds of a `Retry-After` in seconds; undefined for anything else. */
export function retryAfter(value: string | null): number | undefined {
  return value && /^\d+$/.test(value) ? Number(value) * 1000 : undefined;
}

interface Problem {
  title?: string;
  detail?: string;
  hint?: string;
}

/** RFC 9457; empty if the answer is something else. */
async function readProblem(answer: Response): Promise<Problem> {
  const isJson = /\bjson\b/.test(answer.headers.get("content-type") ?? "");
  return isJson ? answer.json().catch(() => ({})) : {};
}
