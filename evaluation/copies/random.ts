// Random numbers that a seed decides: the same seed gives the same set on every machine.

import { createHash } from "node:crypto";

export class Random {
  readonly #state: Uint32Array;

  /** Generators of different names are independent, so that one query's draws move no other's. */
  constructor(seed: number, name: string) {
    const bytes = createHash("sha256").update(`${seed}/${name}`).digest();
    this.#state = Uint32Array.from({ length: 4 }, (_, i) => bytes.readUInt32LE(4 * i));
  }

  /** From 0 up to, not including, 1 (sfc32). */
  next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state;
    const sum = (a + b + counter) >>> 0;
    this.#state.set([b ^ (b >>> 9), c + (c << 3), ((c << 21) | (c >>> 11)) + sum, counter + 1]);
    return sum / 2 ** 32;
  }

  /** Rounded to `digits`, so that labels hold what was used. */
  between(low: number, high: number, digits = 3): number {
    return Number((low + (high - low) * this.next()).toFixed(digits));
  }

  /** Both ends included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("there is nothing to pick from");
    return items[Math.floor(this.next() * items.length)] as T;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [order[i], order[j]] = [order[j] as T, order[i] as T];
    }
    return order;
  }
}
