// Descriptors of pictures that no video of the set comes from: how alike a frame is to those says how much a
// likeness is worth (score normalisation).

import { readFileSync } from "node:fs";

/** Neighbours whose similarity is averaged. */
const NEAREST = 5;

export interface Background {
  /** float32 [pictures, dims], each of length 1. */
  rows: Float32Array;
  dims: number;
}

/** int8 [pictures, dims], as `training.export.background` writes them. */
export function readBackground(file: string, dims: number): Background {
  const codes = readFileSync(file);
  if (codes.length === 0 || codes.length % dims !== 0)
    throw new Error(`${file} has ${codes.length} bytes: not descriptors of ${dims}`);
  const rows = Float32Array.from(new Int8Array(codes.buffer, codes.byteOffset, codes.length));
  for (let from = 0; from < rows.length; from += dims) {
    const row = rows.subarray(from, from + dims);
    const length = Math.hypot(...row);
    for (let i = 0; i < dims; i++) row[i] = (row[i] as number) / length;
  }
  return { rows, dims };
}

/** A frame's mean similarity with its nearest background pictures; `vectors` float32 [frames, dims]. */
export function levelsOf(vectors: Float32Array, { rows, dims }: Background): Float32Array {
  const levels = new Float32Array(vectors.length / dims);
  for (let frame = 0; frame < levels.length; frame++) {
    const nearest = new Array<number>(NEAREST).fill(-1);
    for (let from = 0; from < rows.length; from += dims) {
      let similarity = 0;
      for (let i = 0; i < dims; i++)
        similarity += (vectors[frame * dims + i] as number) * (rows[from + i] as number);
      if (similarity <= (nearest[0] as number)) continue;
      nearest[0] = similarity;
      nearest.sort((a, b) => a - b);
    }
    levels[frame] = nearest.reduce((sum, value) => sum + value, 0) / NEAREST;
  }
  return levels;
}
