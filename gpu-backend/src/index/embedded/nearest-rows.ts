// The rows that may be among one query's nearest, while a first pass goes over them: every row whose similarity
// there, less twice the greatest error, does not rule it out. So no row of the exact answer is ever dropped.

export class NearestRows {
  readonly #wanted: number;
  readonly #error: number;
  #similarities: Float32Array;
  #rows: Float64Array;
  #held = 0;
  /** Rows below it cannot be among the nearest. */
  cut = Number.NEGATIVE_INFINITY;

  /** The `wanted` nearest, by similarities that are wrong by `error` at most. */
  constructor(wanted: number, error: number) {
    this.#wanted = wanted;
    this.#error = error;
    this.#similarities = new Float32Array(4 * wanted);
    this.#rows = new Float64Array(4 * wanted);
  }

  add(row: number, similarity: number): void {
    if (this.#held === this.#rows.length) this.#makeRoom();
    if (similarity < this.cut) return;
    this.#similarities[this.#held] = similarity;
    this.#rows[this.#held++] = row;
  }

  /** All rows that may be among the nearest, in the order they were added. */
  rows(): Float64Array {
    this.#dropBelowCut();
    return this.#rows.subarray(0, this.#held);
  }

  #makeRoom(): void {
    this.#dropBelowCut();
    if (this.#held <= this.#rows.length / 2) return;
    const [similarities, rows] = [
      new Float32Array(2 * this.#rows.length),
      new Float64Array(2 * this.#rows.length),
    ];
    similarities.set(this.#similarities);
    rows.set(this.#rows);
    this.#similarities = similarities;
    this.#rows = rows;
  }

  #dropBelowCut(): void {
    if (this.#held <= this.#wanted) return;
    // `wanted` rows are exactly at least kth - error, so that whatever reaches that has kth - 2 error here.
    const sorted = this.#similarities.slice(0, this.#held).sort();
    this.cut = (sorted[this.#held - this.#wanted] as number) - 2 * this.#error;
    let kept = 0;
    for (let i = 0; i < this.#held; i++) {
      const similarity = this.#similarities[i] as number;
      if (similarity < this.cut) continue;
      this.#similarities[kept] = similarity;
      this.#rows[kept++] = this.#rows[i] as number;
    }
    this.#held = kept;
  }
}
