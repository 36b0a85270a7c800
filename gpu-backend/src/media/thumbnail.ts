// Frames in little: what is only looked at, and not described, is looked at in at most 64 × 64 pixels. Averaging
// also calms noise, so that measures mean the same at every sampling size.

import type { SampledFrames } from "./sample.ts";

const CHANNELS = 3;
export const THUMBNAIL_SIDE = 64;

export type Picture = Pick<SampledFrames, "width" | "height"> & { pixels: Uint8Array };

/** For each place along a side of `from` pixels, its place along one of at most `THUMBNAIL_SIDE`. */
function places(from: number): { of: Uint16Array; count: number } {
  const count = Math.min(from, THUMBNAIL_SIDE);
  return { of: Uint16Array.from({ length: from }, (_, i) => Math.floor((i * count) / from)), count };
}

/** Shrinks frames of one size; keeps its working memory between calls. */
export class Thumbnails {
  readonly width: number;
  readonly height: number;
  readonly #columns: Uint16Array;
  readonly #rows: Uint16Array;
  readonly #sums: Float64Array;
  readonly #share: Float64Array;
  readonly #isSmall: boolean;

  constructor({ width, height }: Pick<Picture, "width" | "height">) {
    const columns = places(width);
    const rows = places(height);
    this.width = columns.count;
    this.height = rows.count;
    this.#columns = columns.of.map((column) => column * CHANNELS);
    this.#rows = rows.of.map((row) => row * this.width * CHANNELS);
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
