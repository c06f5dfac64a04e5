import { attempt, type Inlet } from "./attempt.ts";
import { isControl } from "./control.ts";
import { JetbridgeError, RefusedError } from "./errors.ts";
import type { AnyItem } from "./events.ts";
import type { Frame } from "./frame.ts";
import type { Connected } from "./generated/events.ts";
import { Nap } from "./nap.ts";
import type { Outcome } from "./outcome.ts";
import type { Plan } from "./plan.ts";
import { Recovery } from "./recovery.ts";
import type { Ended } from "./status.ts";
import { Subscription } from "./subscription.ts";
import { Tracker } from "./tracker.ts";

/** A stream with a connection of its own: connects, reconnects, resumes, until it ends. */
export class EventStream<Event extends AnyItem> extends Subscription<Event> {
  readonly #plan: Plan;
  readonly #tracker: Tracker;
  readonly #recovery: Recovery;
  readonly #closing = new AbortController();
  readonly #nap = new Nap();
  #connected: Connected | undefined;
  #begun = false;
  #delivered = 0;

  /** For `connect` and the like. */
  constructor(plan: Plan) {
    super();
    this.#plan = plan;
    this.#tracker = new Tracker(plan.memory?.load() ?? plan.cursor, plan.decode, plan.isLast);
    this.#recovery = new Recovery(plan.patience.maxRetryMs);
  }

  get cursor(): number | undefined {
    return this.#tracker.cursor;
  }

  /** What the bridge said when the stream was last opened. */
  get connected(): Connected | undefined {
    return this.#connected;
  }

  /**
   * Tell the bridge that everything up to this id is worked off (`ack: "explicit"`).
   * Of many acks only the newest is sent. Rejects with RefusedError or TransientError.
   */
  async ack(id: number): Promise<void> {
    if (!this.#plan.ack) throw new JetbridgeError("acks need a clientId");
    await this.#plan.ack(id, this.#connected?.durable_cursor);
  }

  /** Do not wait any longer for the next attempt. */
  reconnect(): void {
    this.#nap.wake();
  }

  close(): void {
    this.#end("closed");
  }

  protected begin(): void {
    const { signal } = this.#closing;
    if (this.#begun || signal.aborted) return;
    this.#begun = true;
    globalThis.addEventListener?.("pagehide", () => this.#remember(), { signal });
    void this.#run(signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const ask = () => this.#plan.ask(this.cursor, this.#delivered);
    while (!signal.aborted) {
      this.#tracker.begin(this.#recovery.connecting);
      this.tell(this.#tracker.status);
      const outcome = await attempt(this.#plan, ask, this.#inlet, signal);
      if (!signal.aborted) await this.#settle(outcome, signal);
    }
  }

  readonly #inlet: Inlet = {
    frame: (frame) => this.#take(frame),
    retry: (milliseconds) => {
      this.#recovery.retryMs = milliseconds;
    },
    rest: () => {
      this.#remember();
      return this.room();
    },
  };

  #take(frame: Frame): void {
    const item = this.#tracker.accept(frame);
    if (!item) return;
    if (this.#tracker.status.state !== "connecting") this.#recovery.opened();
    if (item.type === "connected") this.#connected = item.data as Connected;
    if (!isControl(item.type)) this.#delivered++;
    this.deliver(item);
    this.tell(this.#tracker.status);
    if (this.#plan.isLast(item) || this.#delivered === this.#plan.limit) this.#end("complete");
  }

  async #settle(outcome: Outcome, signal: AbortSignal): Promise<void> {
    if (outcome === "over") return this.#end("complete");
    if (outcome instanceof RefusedError) return this.#end("refused", outcome);
    const lost = { ...outcome, ...this.#tracker.farewell };
    const offline = this.#recovery.lost(lost, Date.now(), Math.random());
    this.tell(offline);
    await this.#nap.sleep(offline.retryAt - Date.now(), signal);
  }

  #remember(): void {
    const { settled } = this;
    if (settled !== undefined) this.#plan.memory?.save(settled);
  }

  #end(reason: Ended["reason"], error: Error | null = null): void {
    this.#remember();
    this.tell({ state: "ended", reason, error });
    this.#closing.abort();
  }
}
