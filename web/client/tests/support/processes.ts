import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../../../.venv/bin/", import.meta.url));

/** Start a program of the project's environment. It does not outlive the tests. */
export function start(program: string, args: string[], settings: Record<string, string> = {}) {
  const env = { ...process.env, ...settings };
  const child = spawn(`${BIN}${program}`, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return child;
}

/** The first line that a program prints. */
export async function firstLine(program: ChildProcess): Promise<string> {
  const lines = createInterface({ input: program.stdout as NodeJS.ReadableStream });
  const [line] = await Promise.race([once(lines, "line"), once(program, "exit")]);
  if (typeof line === "string") return line;
  throw new Error("it ended before it printed a line");
}

/** Send a signal, and wait for the end. */
export async function end(program: ChildProcess | undefined, signal: NodeJS.Signals) {
  if (!program || program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, "exit");
  program.kill(signal);
  await ended;
}
