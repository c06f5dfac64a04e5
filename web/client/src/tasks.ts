import { call } from "./call.ts";
import { connect } from "./connect.ts";
import type { EventStream } from "./event-stream.ts";
import type { StreamEvent } from "./events.ts";
import type { BridgeOptions, ConnectOptions } from "./options.ts";
import { taskPath } from "./route.ts";

/** A new task, in the fields of the API. */
export interface NewTask {
  description?: string;
  user_id?: string;
  task_parameters?: Readonly<Record<string, unknown>>;
}

/** What the bridge tells of a task. */
export interface Task {
  id: string;
  [field: string]: unknown;
}

/** Give tasks to agents, and watch them. All methods reject with RefusedError or TransientError. */
export class Tasks {
  readonly #options: BridgeOptions;

  constructor(options: BridgeOptions = {}) {
    this.#options = options;
  }

  /** The agents that are known. */
  agents<Answer = unknown>(): Promise<Answer> {
    return call(this.#options, "GET", "/api/v1/agents");
  }

  create(agent: string, task: NewTask): Promise<Task> {
    return call(this.#options, "POST", taskPath(agent), task);
  }

  /** Begin to work on it; watch it with `follow`. */
  execute(agent: string, id: string, query?: string): Promise<Task> {
    return this.#post(agent, id, "execute", { query, enable_streaming: true });
  }

  /** Work on it, and answer with all events and the result when it has ended. */
  executeBatch<Answer = Task>(agent: string, id: string, query?: string): Promise<Answer> {
    return this.#post(agent, id, "execute", { query, enable_streaming: false });
  }

  /** The state of a task, folded from its events. */
  show(agent: string, id: string): Promise<Task> {
    return call(this.#options, "GET", taskPath(agent, id));
  }

  events<Answer = unknown>(agent: string, id: string): Promise<Answer> {
    return call(this.#options, "GET", `${taskPath(agent, id)}/events`);
  }

  pause(agent: string, id: string): Promise<Task> {
    return this.#post(agent, id, "pause");
  }

  resume(agent: string, id: string): Promise<Task> {
    return this.#post(agent, id, "resume");
  }

  cancel(agent: string, id: string): Promise<Task> {
    return this.#post(agent, id, "cancel");
  }

  /** All events of a task, from its first, until it has ended. */
  follow(agent: string, id: string, options: ConnectOptions = {}): EventStream<StreamEvent> {
    return connect({ ...this.#options, ...options, task: { agent, id } });
  }

  /** Create, execute and follow. */
  async run(agent: string, task: NewTask, query?: string): Promise<EventStream<StreamEvent>> {
    const { id } = await this.create(agent, task);
    await this.execute(agent, id, query ?? task.description);
    return this.follow(agent, id);
  }

  #post<Answer>(agent: string, id: string, verb: string, body?: unknown): Promise<Answer> {
    return call(this.#options, "POST", `${taskPath(agent, id)}/${verb}`, body);
  }
}
