// Isolates work that was running when its backend crashed from other work, so that the next crash shows which work
// caused it (decision 0042). Suspect work waits for its own kind before it enters the concurrency limiter: one at a time.

import { ProblemError } from "@twinframe/shared/problem";

type Mode = "beside" | "alone";

interface Waiting {
  mode: Mode;
  begin: () => void;
}

/** From so many crashes on, work runs with nothing beside it. */
const ALONE_FROM = 2;

export class Isolation {
  readonly #maxWaiting: number;
  readonly #gate = new Gate();
  readonly #suspectGate = new Gate();
  #suspects = 0;

  /** At most `maxWaiting` suspects wait for one another. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Runs `work` through `limited`: beside other work when no crash is known of it, else isolated. What is aborted while
   * it waits rejects with the signal's reason. Throws `overloaded` when too many suspects wait already.
   */
  async run<T>(
    crashes: number,
    signal: AbortSignal,
    limited: (work: () => Promise<T>) => Promise<T>,
    work: () => Promise<T>,
  ): Promise<T> {
    const gated = (mode: Mode) => () => this.#gate.pass(mode, signal, work);
    if (crashes === 0) return limited(gated("beside"));
    if (this.#suspects > this.#maxWaiting)
      throw new ProblemError("overloaded", "More analyses are waiting than allowed; try again shortly.", {
        retryAfterS: 10,
      });
    this.#suspects++;
    try {
      const mode = crashes < ALONE_FROM ? "beside" : "alone";
      return await this.#suspectGate.pass("alone", signal, () => limited(gated(mode)));
    } finally {
      this.#suspects--;
    }
  }
}

/** Any number beside one another, or one alone; first come, first served. */
class Gate {
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #isAlone = false;

  async pass<T>(mode: Mode, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(mode, signal);
    try {
      return await work();
    } finally {
      this.#running--;
      this.#isAlone = false;
      this.#admit();
    }
  }

  async #enter(mode: Mode, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve: begin, reject } = Promise.withResolvers<void>();
    const waiting = { mode, begin };
    const leave = () => {
      const at = this.#waiting.indexOf(waiting);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(signal.reason);
      this.#admit();
    };
    this.#waiting.push(waiting);
    this.#admit();
    signal.addEventListener("abort", leave);
    await promise.finally(() => signal.removeEventListener("abort", leave));
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#isAlone || (next.mode === "alone" && this.#running > 0)) return;
      this.#waiting.shift();
      this.#running++;
      this.#isAlone = next.mode === "alone";
      next.begin();
    }
  }
}
