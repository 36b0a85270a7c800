// Bounds how many analyses run at once and how many may wait; first come, first served.

import { ProblemError } from "@twinframe/shared/problem";
import { noteSlot } from "../observe/work-record.ts";

export class Slots {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  /** Throws `overloaded` at once when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#maxRunning) this.#running++;
    else await this.#wait();
    noteSlot();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  /** Resolves when a finished analysis hands its slot on. */
  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting)
      throw new ProblemError("overloaded", "More analyses are waiting than allowed; try again shortly.", {
        retryAfterS: 10,
      });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
