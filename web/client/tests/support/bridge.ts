import type { ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { connect, type NatsConnection } from "nats";
import { NatsServer } from "./nats-server.ts";
import { end, firstLine, start } from "./processes.ts";

export interface Told {
  agent: string;
  job?: string;
  type?: string;
  data?: unknown;
  /** The same id is stored once. */
  id?: string;
}

/** A real bridge on a real nats-server. Both keep their ports over restarts. */
export class Bridge {
  readonly nats = new NatsServer();
  readonly #settings: Record<string, string>;
  #port = 0;
  #process: ChildProcess | undefined;
  #publisher: NatsConnection | undefined;

  constructor(settings: Record<string, string> = {}) {
    this.#settings = {
      JETBRIDGE_STREAM_MANAGE: "create",
      JETBRIDGE_LOG_LEVEL: "error",
      ...settings,
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<this> {
    await this.nats.start();
    this.#port = await freePort();
    await this.startBridge();
    return this;
  }

  /** Start the bridge alone, with further settings. */
  async startBridge(settings: Record<string, string> = {}): Promise<void> {
    const given = ["serve", "--nats", this.nats.url, "--port", String(this.#port)];
    this.#process = start("jetbridge", given, { ...this.#settings, ...settings });
    const line = await firstLine(this.#process);
    if (!line.startsWith("ready ")) throw new Error(`the bridge printed ${line}`);
  }

  /** SIGTERM is a drain, SIGKILL a crash. */
  stopBridge(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    return end(this.#process, signal);
  }

  signalBridge(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Publish an event, acknowledged by JetStream; its sequence. */
  async publish({ agent, job = "-", type = "note", data = {}, id = "" }: Told): Promise<number> {
    const subject = `evt.default.${agent}.${job}.${type}`;
    const options = { timeout: 500, ...(id && { msgID: id }) };
    const jets = (await this.connection()).jetstream();
    return (await jets.publish(subject, JSON.stringify(data), options)).seq;
  }

  /** Publish notes numbered from `first` to `last`. */
  async publishNumbers(agent: string, first: number, last: number): Promise<void> {
    for (let n = first; n <= last; n++) await this.publish({ agent, data: { n } });
  }

  /** How many streams are open. */
  async clients(): Promise<number> {
    const answer = await fetch(`${this.url}/api/v1/stream/status?scope=local`);
    return ((await answer.json()) as { total_clients: number }).total_clients;
  }

  async stop(): Promise<void> {
    await this.#publisher?.close();
    await this.stopBridge("SIGKILL");
    await this.nats.remove();
  }

  /** The publisher's connection to NATS. */
  async connection(): Promise<NatsConnection> {
    this.#publisher ??= await connect({
      servers: this.nats.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    return this.#publisher;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
