import { type ChatEvent, type ChatOptions, chat } from "../chat.ts";
import type { EventStream } from "../event-stream.ts";
import {
  initialSystemState,
  reduceSSEMessage,
  type SSEMessage,
  type SystemState,
} from "../state/system.ts";
import type { Status } from "../status.ts";
import { FrameTimer } from "./frame.ts";

/** One question, and what came of it. */
export interface Turn {
  readonly question: string;
  /** The messages as they came. */
  readonly messages: readonly ChatEvent[];
  /** What they come to. */
  readonly system: SystemState;
}

export interface Conversation {
  /** Oldest first; the last one may be under way. */
  readonly turns: readonly Turn[];
  /** True while the last turn is under way. */
  readonly busy: boolean;
  /** How the connection of the last turn is doing; null before the first. */
  readonly status: Status | null;
}

/** The turns of one conversation, as `useSyncExternalStore` wants them. */
export class ChatStore {
  readonly #options: Omit<ChatOptions, "message">;
  readonly #listeners = new Set<() => void>();
  readonly #timer = new FrameTimer(() => this.#draw());
  #conversation: Conversation = { turns: [], busy: false, status: null };
  #stream: EventStream<ChatEvent> | undefined;
  #pending: ChatEvent[] = [];

  constructor(options: Omit<ChatOptions, "message">) {
    this.#options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      queueMicrotask(() => this.#listeners.size || this.stop());
    };
  };

  readonly view = (): Conversation => this.#conversation;

  /** Ask something. A turn that is under way is watched no longer. */
  readonly send = (question: string, fields?: Readonly<Record<string, unknown>>): void => {
    this.stop();
    this.#draw();
    const turn: Turn = { question, messages: [], system: initialSystemState };
    this.#conversation = { ...this.#conversation, turns: [...this.#conversation.turns, turn] };
    const stream = chat({ ...this.#options, message: question, ...(fields && { fields }) });
    this.#stream = stream;
    stream.on("*", (event) => this.#take(event));
    stream.onStatus(() => this.#timer.ask());
    this.#draw();
  };

  /** Watch the turn that is under way no longer. */
  readonly stop = (): void => this.#stream?.close();

  #take(event: ChatEvent): void {
    this.#pending.push(event);
    this.#timer.ask();
  }

  #draw(): void {
    this.#timer.stop();
    const status = this.#stream?.status ?? null;
    const { turns } = this.#conversation;
    const last = turns.at(-1);
    const more = this.#pending;
    this.#pending = [];
    const told = last && more.length ? [...turns.slice(0, -1), extended(last, more)] : turns;
    const busy = status !== null && status.state !== "ended";
    this.#conversation = { turns: told, busy, status };
    for (const listener of this.#listeners) listener();
  }
}

function extended(turn: Turn, more: readonly ChatEvent[]): Turn {
  const system = more.reduce(reduceEvent, turn.system);
  return { ...turn, messages: [...turn.messages, ...more], system };
}

/** `done` and `error` end a turn that has not said so itself. */
function reduceEvent(state: SystemState, event: ChatEvent): SystemState {
  if (event.type === "done") return reduceSSEMessage(state, { type: "complete" });
  if (event.type === "error") {
    return reduceSSEMessage(state, { type: "error", error: event.data.error });
  }
  return reduceSSEMessage(state, event.data as SSEMessage);
}
