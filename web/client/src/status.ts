import type { UnavailableReason } from "./generated/events.ts";

/** Why a stream is offline. */
export type OfflineReason =
  /** The connection was lost, or could not be made. */
  | "network"
  /** Nothing came for longer than `silenceMs`. */
  | "silence"
  /** The bridge ends its streams: it restarts, or moves its clients. */
  | "draining"
  /** The function `token` failed. */
  | "token"
  /** The bridge answered with a status that will pass. */
  | "busy"
  /** What the bridge gives for not having a stream just now. */
  | UnavailableReason;

export interface Connecting {
  readonly state: "connecting";
  /** 0 for the first time, or how often it was tried since the stream was last open. */
  readonly attempt: number;
  /** When the stream was lost, in milliseconds since 1970; null if it never was open. */
  readonly since: number | null;
}

export interface Replaying {
  readonly state: "replaying";
  /** The sequences after which the replay began and up to which it goes. */
  readonly from: number;
  readonly to: number;
  /** Share of that range that is told, 0 to 100 in whole percent. */
  readonly percent: number;
}

export interface Live {
  readonly state: "live";
}

export interface Offline {
  readonly state: "offline";
  readonly reason: OfflineReason;
  readonly error: Error | null;
  /** When the stream was lost, and when it is tried again, in milliseconds since 1970. */
  readonly since: number;
  readonly retryAt: number;
  readonly attempt: number;
}

export interface Ended {
  readonly state: "ended";
  /** `complete`: there is no more. `closed`: by `close()`. `refused`: see `error`. */
  readonly reason: "complete" | "closed" | "refused";
  readonly error: Error | null;
}

/** How a stream is doing. */
export type Status = Connecting | Replaying | Live | Offline | Ended;

/** The status of a stream that nobody listens to yet. */
export const CONNECTING: Connecting = { state: "connecting", attempt: 0, since: null };

/** How much of `from`…`to` is told at `at`, in whole percent. */
export function percent(from: number, to: number, at: number): number {
  if (to <= from) return 100;
  return Math.max(0, Math.min(100, Math.floor(((at - from) / (to - from)) * 100)));
}
