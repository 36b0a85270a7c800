// Two measures of small rgb24 pictures, in grey levels (0 to 255). They look, they change nothing.

const CHANNELS = 3;
/** Pictures are compared in GRID × GRID blocks. */
const GRID = 16;

/** Standard deviation of the pixels around their mean, of the most varied colour channel. */
export function contrastOf(pixels: Uint8Array): number {
  let greatest = 0;
  const count = pixels.length / CHANNELS;
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    let sum = 0;
    let squares = 0;
    for (let at = channel; at < pixels.length; at += CHANNELS) {
      const value = pixels[at] as number;
      sum += value;
      squares += value * value;
    }
    greatest = Math.max(greatest, squares / count - (sum / count) ** 2);
  }
  return Math.sqrt(greatest);
}

/** Compares pictures of one size; keeps its working memory between calls. */
export class BlockComparison {
  readonly #width: number;
  readonly #blockOfColumn: Uint16Array;
  readonly #blockOfRow: Uint16Array;
  readonly #valuesOfBlock: Float64Array;
  readonly #sums = new Float64Array(GRID * GRID);

  constructor(width: number, height: number) {
    this.#width = width;
    this.#blockOfColumn = Uint16Array.from({ length: width }, (_, x) => Math.floor((x * GRID) / width));
    this.#blockOfRow = Uint16Array.from({ length: height }, (_, y) => Math.floor((y * GRID) / height) * GRID);
    this.#valuesOfBlock = new Float64Array(GRID * GRID);
    for (const row of this.#blockOfRow)
      for (const column of this.#blockOfColumn)
        this.#valuesOfBlock[row + column] = (this.#valuesOfBlock[row + column] as number) + CHANNELS;
  }

  /** The mean absolute difference within the block that differs most: a small thing that moves counts fully. */
  greatestChange(a: Uint8Array, b: Uint8Array): number {
    const sums = this.#sums.fill(0);
    let at = 0;
    for (const row of this.#blockOfRow) {
      for (let x = 0; x < this.#width; x += 1, at += CHANNELS) {
        const block = row + (this.#blockOfColumn[x] as number);
        sums[block] =
          (sums[block] as number) +
          Math.abs((a[at] as number) - (b[at] as number)) +
          Math.abs((a[at + 1] as number) - (b[at + 1] as number)) +
          Math.abs((a[at + 2] as number) - (b[at + 2] as number));
      }
    }
    let greatest = 0;
    for (let block = 0; block < sums.length; block += 1) {
      const values = this.#valuesOfBlock[block] as number;
      if (values > 0) greatest = Math.max(greatest, (sums[block] as number) / values);
    }
    return greatest;
  }
}
