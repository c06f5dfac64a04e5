/**
 * Wait, but not longer than until `signal` is aborted, `wake` is called or the browser says that
 * the network is back.
 */
export class Nap {
  #end: () => void = () => {};

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    const target = globalThis as Partial<Pick<EventTarget, "addEventListener">>;
    const over = new AbortController();
    await new Promise<void>((resolve) => {
      this.#end = resolve;
      const timer = setTimeout(resolve, milliseconds);
      over.signal.addEventListener("abort", () => clearTimeout(timer));
      signal.addEventListener("abort", this.#end, { signal: over.signal });
      target.addEventListener?.("online", this.#end, { signal: over.signal });
      if (signal.aborted) resolve();
    });
    over.abort();
  }

  wake(): void {
    this.#end();
  }
}
