/** Longest time between two draws, in milliseconds: pages in the background draw no frames. */
const HIDDEN_MS = 250;

/**
 * Calls `draw` once at the next animation frame, however often it is asked to.
 */
export class FrameTimer {
  readonly #draw: () => void;
  #cancel: (() => void) | undefined;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  ask(): void {
    if (this.#cancel) return;
    const run = () => {
      this.stop();
      this.#draw();
    };
    const frame = globalThis.requestAnimationFrame?.(run);
    const timer = setTimeout(run, HIDDEN_MS);
    this.#cancel = () => {
      clearTimeout(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
