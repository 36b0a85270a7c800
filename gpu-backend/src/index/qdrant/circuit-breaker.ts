// After several failures in a row nobody waits for the server any more: calls fail at once, until after a pause
// one call may try. When that one succeeds all may.

import { noteBreaker } from "../../work/channels.ts";

const FAILURES_TO_OPEN = 5;
const PAUSE_MS = 2_000;

export class CircuitOpen extends Error {
  override readonly name = "CircuitOpen";
}

export class CircuitBreaker {
  #failures = 0;
  #opensAgainAt = 0;
  #isProbing = false;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The server answered. */
  #heard(): void {
    if (this.#failures >= FAILURES_TO_OPEN) noteBreaker(false);
    this.#failures = 0;
  }

  /** Runs the work, or throws CircuitOpen. Only errors that `isFailure` names count against the server. */
  async run<T>(work: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    const isOpen = this.#failures >= FAILURES_TO_OPEN;
    if (isOpen) {
      if (this.#isProbing || this.#now() < this.#opensAgainAt)
        throw new CircuitOpen("the server failed several times in a row and is given a pause");
      this.#isProbing = true;
    }
    try {
      const result = await work();
      this.#heard();
      return result;
    } catch (error) {
      if (isFailure(error)) {
        this.#opensAgainAt = this.#now() + PAUSE_MS;
        if (++this.#failures === FAILURES_TO_OPEN) noteBreaker(true);
      } else this.#heard();
      throw error;
    } finally {
      if (isOpen) this.#isProbing = false;
    }
  }
}
