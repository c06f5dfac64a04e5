/** Barks when nothing happens for too long. */
export class Watchdog {
  readonly #bark: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(bark: () => void) {
    this.#bark = bark;
  }

  /** Bark in so many milliseconds, unless told again before; 0 is never. */
  watch(milliseconds: number): void {
    this.rest();
    if (milliseconds > 0) this.#timer = setTimeout(this.#bark, milliseconds);
  }

  /** Stop watching. */
  rest(): void {
    clearTimeout(this.#timer);
  }
}
