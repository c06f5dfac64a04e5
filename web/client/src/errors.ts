import type { OfflineReason } from "./status.ts";

/** Something went wrong; `hint` says what to do about it, if that is known. */
export class JetbridgeError extends Error {
  override name = "JetbridgeError";
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.hint = hint;
  }
}

/** The bridge said no, and will say so again. `status` is the HTTP status, 0 if unknown. */
export class RefusedError extends JetbridgeError {
  override name = "RefusedError";
  readonly status: number;

  constructor(status: number, message: string, hint?: string) {
    super(message, hint);
    this.status = status;
  }
}

/** It did not work this time. `retryMs` is when to try again, if the bridge said so. */
export class TransientError extends JetbridgeError {
  override name = "TransientError";
  readonly reason: OfflineReason;
  readonly retryMs: number | undefined;

  constructor(reason: OfflineReason, message: string, retryMs?: number) {
    super(message);
    this.reason = reason;
    this.retryMs = retryMs;
  }
}
