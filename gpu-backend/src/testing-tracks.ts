// Synthetic tracks for tests of what works on descriptors: seeded, so that every run sees the same.

import { createHash } from "node:crypto";
import type { FrameTrack } from "./index/frame-track.ts";
import type { ReferenceEntry } from "./index/reference-record.ts";

/** A repeatable stream of numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** `frames` unit vectors that drift slowly, as a video's do, around a scene of their own. */
export function driftingVectors(seed: number, frames: number, dims: number, drift = 0.5): Float32Array {
  const random = seededRandom(seed);
  const gauss = () => random() + random() + random() + random() - 2;
  const scene = Float32Array.from({ length: dims }, gauss);
  let motion = Float32Array.from({ length: dims }, gauss);
  const vectors = new Float32Array(frames * dims);
  for (let frame = 0; frame < frames; frame++) {
    motion = motion.map((value) => 0.8 * value + 0.6 * gauss());
    vectors.set(normalised(scene.map((value, i) => value + drift * (motion[i] as number))), frame * dims);
  }
  return vectors;
}

/** The cosine of the two vectors that differ most, of those at the same place; NaN unless as many. */
export function leastCosine(a: Float32Array, b: Float32Array, dims: number): number {
  if (a.length !== b.length) return Number.NaN;
  let least = 1;
  for (let from = 0; from < a.length; from += dims) {
    const [x, y] = [a.subarray(from, from + dims), b.subarray(from, from + dims)];
    const product = x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
    least = Math.min(least, product / (Math.hypot(...x) * Math.hypot(...y)));
  }
  return least;
}

export function trackOf(vectors: Float32Array, dims: number, rate = 2): FrameTrack {
  const frames = vectors.length / dims;
  const times = Float32Array.from({ length: frames }, (_, i) => i / rate);
  return {
    vectors,
    startS: times,
    endS: times.map((time) => time + 1 / rate),
    rate,
    durationS: frames / rate,
  };
}

export const sha256Of = (text: string) => createHash("sha256").update(text).digest("hex");

export function entryOf(id: string, track: FrameTrack, fields: Partial<ReferenceEntry> = {}): ReferenceEntry {
  return {
    library: "tenant/default",
    id,
    jobId: `job_${id}`,
    sha256: sha256Of(`file of ${id}`),
    packetsSha256: sha256Of(`packets of ${id}`),
    durationS: track.durationS,
    seenS: track.durationS,
    width: 640,
    height: 360,
    sampledFrames: track.startS.length,
    availability: 0,
    track,
    ...fields,
  };
}
