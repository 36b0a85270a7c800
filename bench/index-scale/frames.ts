// Synthetic references at scale: each drifts around a scene of its own, as a video's frames do. Everything
// follows from its number, so that a folder can be used again and queries can be made of what is in it.

import type { FrameTrack } from "@twinframe/gpu-backend/index/frame-track";
import { trackOf } from "@twinframe/gpu-backend/testing/tracks";

export const DIMS = 128;
export const CHECK_FRAMES = 60;
const LEAST_FRAMES = 60;
const MOST_FRAMES = 200;
const DRIFT = 0.5;
/** Length of the noise on a copied frame: its cosine with the original is 1 / √(1 + NOISE²) = .86. */
export const NOISE = 0.6;

/** Numbers of a bell's shape with deviation 1, as fast as they come (xorshift, three uniform ones summed). */
function bell(seed: number): () => number {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 0x1_0000_0000;
  };
  for (let i = 0; i < 8; i++) uniform();
  return () => 2 * (uniform() + uniform() + uniform());
}

function normalise(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
}

export const idOf = (number: number) => `ref_${String(number).padStart(9, "0")}`;

export const framesOf = (number: number) =>
  LEAST_FRAMES + ((Math.imul(number + 17, 0x85ebca6b) >>> 0) % (MOST_FRAMES - LEAST_FRAMES + 1));

export function trackNumber(number: number): FrameTrack {
  const random = bell(number);
  const frames = framesOf(number);
  const scene = Float32Array.from({ length: DIMS }, random);
  const motion = Float32Array.from({ length: DIMS }, random);
  const vectors = new Float32Array(frames * DIMS);
  for (let frame = 0; frame < frames; frame++) {
    const vector = vectors.subarray(frame * DIMS, (frame + 1) * DIMS);
    for (let i = 0; i < DIMS; i++) {
      motion[i] = 0.8 * (motion[i] as number) + 0.6 * random();
      vector[i] = (scene[i] as number) + DRIFT * (motion[i] as number);
    }
    normalise(vector);
  }
  return trackOf(vectors, DIMS);
}

/** How many references hold at least so many frames. */
export function referencesFor(frames: number): number {
  let held = 0;
  let number = 0;
  while (held < frames) held += framesOf(number++);
  return number;
}

export interface Check {
  queries: Float32Array;
  isCopy: boolean;
}

/** A minute's worth of sampled frames of a reference after an edit; every third check is a distractor's. */
export function checkNumber(number: number, references: number): Check {
  const random = bell(0x4000_0000 + number);
  const isCopy = number % 3 !== 2;
  const source = isCopy ? (Math.imul(number + 3, 0xc2b2ae35) >>> 0) % references : 0x2000_0000 + number;
  const queries = trackNumber(source).vectors.slice(0, CHECK_FRAMES * DIMS);
  for (let frame = 0; isCopy && frame < CHECK_FRAMES; frame++) {
    const vector = queries.subarray(frame * DIMS, (frame + 1) * DIMS);
    const noise = Float32Array.from({ length: DIMS }, random);
    normalise(noise);
    for (let i = 0; i < DIMS; i++) vector[i] = (vector[i] as number) + NOISE * (noise[i] as number);
    normalise(vector);
  }
  return { queries, isCopy };
}
