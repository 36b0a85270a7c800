// The rows that may be among one query's nearest, gathered during the first pass: every row whose similarity there, less
// twice the greatest error, does not rule it out. So no row of the exact answer is ever dropped.

import { kthGreatest } from "./kth-greatest.ts";

const ROOM = 4;

export interface FoundRows {
  rows: Float64Array;
  similarities: Float64Array;
}

export class NearestRows {
  readonly #wanted: number;
  readonly #error: number;
  #similarities: Float32Array;
  #rows: Float64Array;
  #scratch: Float32Array;
  #held = 0;
  /** Rows below it cannot be among the nearest. */
  cut = Number.NEGATIVE_INFINITY;

  /** The `wanted` nearest, by similarities that are wrong by `error` at most. */
  constructor(wanted: number, error: number) {
    this.#wanted = wanted;
    this.#error = error;
    this.#similarities = new Float32Array(ROOM * wanted);
    this.#scratch = new Float32Array(ROOM * wanted);
    this.#rows = new Float64Array(ROOM * wanted);
  }

  add(row: number, similarity: number): void {
    if (this.#held === this.#rows.length) this.#makeRoom();
    if (similarity < this.cut) return;
    this.#similarities[this.#held] = similarity;
    this.#rows[this.#held++] = row;
  }

  /** Similarities of some of the rows that will be added, each of another row; changes their order. */
  startWith(similarities: Float32Array): void {
    if (similarities.length < this.#wanted) return;
    this.cut = kthGreatest(similarities, similarities.length, this.#wanted) - 2 * this.#error;
  }

  /**
   * The nearest rows and their exact similarities, in no order, with some that are not among the nearest:
   * first those that look nearest, then the others that these leave possible.
   */
  exact(similarityOf: (row: number) => number): FoundRows {
    const least = this.#kth();
    const rows = new Float64Array(this.#held);
    const similarities = new Float64Array(this.#held);
    let found = 0;
    let leastExact = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#held; i++) {
      if ((this.#similarities[i] as number) < least) continue;
      const similarity = similarityOf(this.#rows[i] as number);
      leastExact = Math.min(leastExact, similarity);
      rows[found] = this.#rows[i] as number;
      similarities[found++] = similarity;
    }
    for (let i = 0; i < this.#held; i++) {
      const first = this.#similarities[i] as number;
      if (first >= least || first + this.#error < leastExact) continue;
      rows[found] = this.#rows[i] as number;
      similarities[found++] = similarityOf(this.#rows[i] as number);
    }
    return { rows: rows.subarray(0, found), similarities: similarities.subarray(0, found) };
  }

  /** The least similarity of the first pass that `wanted` rows reach; −∞ when there are not as many. */
  #kth(): number {
    if (this.#held < this.#wanted) return Number.NEGATIVE_INFINITY;
    this.#scratch.set(this.#similarities);
    return kthGreatest(this.#scratch, this.#held, this.#wanted);
  }

  #makeRoom(): void {
    // That many rows are exactly at least kth - error; whatever reaches that has at least kth - 2 error here.
    this.cut = this.#kth() - 2 * this.#error;
    let kept = 0;
    for (let i = 0; i < this.#held; i++) {
      const similarity = this.#similarities[i] as number;
      if (similarity < this.cut) continue;
      this.#similarities[kept] = similarity;
      this.#rows[kept++] = this.#rows[i] as number;
    }
    this.#held = kept;
    if (kept <= this.#rows.length / 2) return;
    const [similarities, rows] = [this.#similarities, this.#rows];
    this.#similarities = new Float32Array(2 * similarities.length);
    this.#scratch = new Float32Array(2 * similarities.length);
    this.#rows = new Float64Array(2 * rows.length);
    this.#similarities.set(similarities);
    this.#rows.set(rows);
  }
}
