export type { Published, Stored } from "./frames.ts";
export { caughtUp, connected, control, eventFrame, frame } from "./frames.ts";
export { MemoryLocks } from "./memory-locks.ts";
export { MockBridge } from "./mock-bridge.ts";
export type { Step } from "./mock-event-source.ts";
export { MockEventSource } from "./mock-event-source.ts";
export type { Answer, Happening, RecordedRequest, ScriptedFetch } from "./scripted-fetch.ts";
export { scriptedFetch } from "./scripted-fetch.ts";
