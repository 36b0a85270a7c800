import { createHash } from "node:crypto";

/** Numbers in [0, 1) that depend on the seed, the part and the case alone (mulberry32 over a hash of the three). */
export function seededRandom(seed: number, part: string, index: number): () => number {
  let state = createHash("sha256").update(`${seed}/${part}/${index}`).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
