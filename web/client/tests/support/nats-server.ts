import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end, start } from "./processes.ts";
import { eventually } from "./waiting.ts";

/** A real nats-server that keeps its port and its data over a restart. */
export class NatsServer {
  readonly #folder = mkdtempSync(join(tmpdir(), "jetbridge-web-"));
  #port = -1;
  #process: ChildProcess | undefined;

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<this> {
    for (const name of this.#portFiles()) rmSync(join(this.#folder, name));
    const listen = ["-a", "127.0.0.1", "-p", String(this.#port)];
    const store = ["-js", "-sd", this.#folder, "--ports_file_dir", this.#folder];
    this.#process = start("nats-server", [...listen, ...store, "-l", join(this.#folder, "log")]);
    this.#port = await eventually(() => this.#readPort());
    return this;
  }

  kill(): Promise<void> {
    return end(this.#process, "SIGKILL");
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #portFiles(): string[] {
    return readdirSync(this.#folder).filter((name) => name.endsWith(".ports"));
  }

  #readPort(): number {
    const [name] = this.#portFiles();
    const ports = JSON.parse(readFileSync(join(this.#folder, name as string), "utf8"));
    return Number(ports.nats[0].split(":").at(-1));
  }
}
