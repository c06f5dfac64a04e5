type Send = (id: number, cursor: string | undefined) => Promise<unknown>;

/** Sends the newest of many acks, one at a time. */
export class Acks {
  readonly #send: Send;
  #newest = 0;
  #cursor: string | undefined;
  #next: Promise<void> | undefined;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(send: Send) {
    this.#send = send;
  }

  /** Settled when this id, or a newer one in its place, has been acked or refused. */
  ack(id: number, cursor?: string): Promise<void> {
    this.#newest = Math.max(this.#newest, id);
    this.#cursor = cursor;
    this.#next ??= this.#underWay.catch(() => {}).then(() => this.#flush());
    return this.#next;
  }

  async #flush(): Promise<void> {
    this.#next = undefined;
    this.#underWay = this.#send(this.#newest, this.#cursor);
    await this.#underWay;
  }
}
