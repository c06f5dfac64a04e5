import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  line: string;
  headers: IncomingMessage["headers"];
  body: unknown;
}

/** What a route answers: a status and JSON, or a stream. */
export type Route = (asked: Asked, answer: ServerResponse) => void;

/** A tiny server for the routes that a bridge has for tasks and chat. */
export class HttpServer {
  readonly asked: Asked[] = [];
  readonly #server = createServer((request, answer) => void this.#serve(request, answer));
  readonly #route: Route;

  constructor(route: Route) {
    this.#route = route;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get lines(): string[] {
    return this.asked.map(({ line }) => line);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const line = `${request.method} ${request.url}`;
    this.asked.push({ line, headers: request.headers, body: text && JSON.parse(text) });
    this.#route(this.asked.at(-1) as Asked, answer);
  }
}

export function json(answer: ServerResponse, status: number, body?: unknown): void {
  const type = status < 400 ? "application/json" : "application/problem+json";
  answer.writeHead(status, { "Content-Type": type }).end(body && JSON.stringify(body));
}

/** Frames, then the end of the connection; or its breaking. */
export function stream(answer: ServerResponse, frames: string[], broken = false): void {
  answer.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
  answer.write(frames.join(""), () => (broken ? answer.destroy() : answer.end()));
}
