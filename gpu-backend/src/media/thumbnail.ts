// Thumbnails of frames: measurements on pixels, other than descriptors, use few of them, 64 × 64 unless
// more are asked for. Averaging also calms noise, so that measures mean the same at every sampling size.

import type { SampledFrames } from "./sample.ts";

const CHANNELS = 3;
export const THUMBNAIL_SIDE = 64;

export type Picture = Pick<SampledFrames, "width" | "height"> & { pixels: Uint8Array };

const fewAtMost = (from: number) => Math.min(from, THUMBNAIL_SIDE);

/** For each of `from` places along a side, its place among `count`. */
const places = (from: number, count: number) =>
  Uint16Array.from({ length: from }, (_, i) => Math.floor((i * count) / from));

/** Shrinks frames of one size; keeps its working memory between calls. */
export class Thumbnails {
  readonly width: number;
  readonly height: number;
  readonly #columns: Uint16Array;
  readonly #rows: Uint16Array;
  readonly #sums: Float64Array;
  readonly #share: Float64Array;
  readonly #isSmall: boolean;

  /** `countOf` gives the pixels for a side of so many. */
  constructor({ width, height }: Pick<Picture, "width" | "height">, countOf = fewAtMost) {
    this.width = countOf(width);
    this.height = countOf(height);
    this.#columns = places(width, this.width).map((column) => column * CHANNELS);
    this.#rows = places(height, this.height).map((row) => row * this.width * CHANNELS);
    this.#sums = new Float64Array(this.width * this.height * CHANNELS);
    this.#share = new Float64Array(this.#sums.length);
    this.#isSmall = this.width === width && this.height === height;
    for (const row of this.#rows)
      for (const column of this.#columns)
        for (let channel = 0; channel < CHANNELS; channel++)
          this.#share[row + column + channel] = (this.#share[row + column + channel] as number) + 1;
  }

  /** rgb24 of one frame → rgb24 of its thumbnail: each pixel the mean of those that fall on it. */
  of(pixels: Uint8Array): Uint8Array {
    if (this.#isSmall) return pixels;
    const sums = this.#sums.fill(0);
    let at = 0;
    for (const row of this.#rows) {
      for (const column of this.#columns) {
        const to = row + column;
        sums[to] = (sums[to] as number) + (pixels[at] as number);
        sums[to + 1] = (sums[to + 1] as number) + (pixels[at + 1] as number);
        sums[to + 2] = (sums[to + 2] as number) + (pixels[at + 2] as number);
        at += CHANNELS;
      }
    }
    const small = new Uint8Array(sums.length);
    for (let i = 0; i < small.length; i++) small[i] = (sums[i] as number) / (this.#share[i] as number) + 0.5;
    return small;
  }
}
