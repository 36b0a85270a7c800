// Bounds how many analyses run at once and how many may wait; first come, first served.

import { ProblemError } from "@twinframe/shared/problem";
import { noteSlot } from "../observe/work-record.ts";
import { shuttingDown } from "./shutting-down.ts";

export class Slots {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: { begin: () => void; refuse: (error: Error) => void }[] = [];
  #running = 0;
  #closed = false;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  /** Throws `overloaded` at once when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw shuttingDown();
    if (this.#running < this.#maxRunning) this.#running++;
    else await this.#wait();
    noteSlot();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next.begin();
      else this.#running--;
    }
  }

  /** What has not begun does not begin any more; what runs goes on. */
  close(): void {
    this.#closed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(shuttingDown());
  }

  /** Resolves when a finished analysis hands its slot on. */
  #wait(): Promise<void> {
    if (this.#closed) throw shuttingDown();
    if (this.#waiting.length >= this.#maxWaiting)
      throw new ProblemError("overloaded", "More analyses are waiting than allowed; try again shortly.", {
        retryAfterS: 10,
      });
    return new Promise((begin, refuse) => this.#waiting.push({ begin, refuse }));
  }
}
