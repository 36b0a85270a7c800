// What is truly nearest: every stored vector against every query, in plain arithmetic, a few references at a
// time, so that any size fits into memory.

import type { VectorIndex } from "@twinframe/gpu-backend/index/vector-index";
import { DIMS, idOf } from "./frames.ts";
import { LIBRARY } from "./open-index.ts";

const REFERENCES_AT_ONCE = 100;

/** The `wanted`-th greatest similarity of each query, float64 [queries]. */
export async function exhaustiveFloor(
  index: VectorIndex,
  references: number,
  queries: Float32Array,
  wanted: number,
): Promise<Float64Array> {
  const count = queries.length / DIMS;
  // Sorted, least first: what is at place 0 is what a better one replaces.
  const best = Array.from({ length: count }, () => new Float64Array(wanted).fill(Number.NEGATIVE_INFINITY));
  for (let from = 0; from < references; from += REFERENCES_AT_ONCE) {
    const size = Math.min(REFERENCES_AT_ONCE, references - from);
    const ids = Array.from({ length: size }, (_, i) => idOf(from + i));
    const tracks = await index.descriptorsOf(LIBRARY, ids);
    if (tracks.size !== size) throw new Error(`${size - tracks.size} references are not in the index`);
    for (const { vectors } of tracks.values())
      for (let at = 0; at < vectors.length; at += DIMS)
        for (let query = 0; query < count; query++) {
          const product = productOf(vectors, at, queries, query * DIMS);
          const places = best[query] as Float64Array;
          if (product > (places[0] as number)) insert(places, product);
        }
  }
  return Float64Array.from(best, (places) => places[0] as number);
}

function productOf(a: Float32Array, fromA: number, b: Float32Array, fromB: number): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  for (let i = 0; i < DIMS; i += 4) {
    p += (a[fromA + i] as number) * (b[fromB + i] as number);
    q += (a[fromA + i + 1] as number) * (b[fromB + i + 1] as number);
    r += (a[fromA + i + 2] as number) * (b[fromB + i + 2] as number);
    s += (a[fromA + i + 3] as number) * (b[fromB + i + 3] as number);
  }
  return p + q + r + s;
}

function insert(places: Float64Array, product: number): void {
  let place = 0;
  while (place + 1 < places.length && (places[place + 1] as number) < product) {
    places[place] = places[place + 1] as number;
    place++;
  }
  places[place] = product;
}
