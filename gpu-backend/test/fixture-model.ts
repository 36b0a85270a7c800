// Tiny graphs in place of other people's models; training/export/fixture_graphs.py writes them.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type LoadedModel, manifestSchema } from "../src/descriptor/manifest.ts";
import { seededRandom } from "../src/testing-tracks.ts";

const CALIBRATION = {
  frame_similarity_floor: 0.3,
  static_energy: 0.002,
  static_similarity: { none: 0.9, full: 1 },
  score: { bias: 0, similarity: 1, motion: 1, evidence: 1 },
};

export async function fixtureModel(file: string, fields: object): Promise<LoadedModel> {
  const graph = await readFile(new URL(`./fixtures/${file}`, import.meta.url));
  const sha256 = createHash("sha256").update(graph).digest("hex");
  const about = { id: "fixture", version: "1", licence: "as the repository", metric: "cosine" };
  const manifest = manifestSchema.parse({ ...about, file, sha256, calibration: CALIBRATION, ...fields });
  return { manifest, graph };
}

export function randomFrames(seed: number, bytes: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: bytes }, () => Math.floor(256 * random()));
}

/** Whether all numbers are within a ten-thousandth. */
export const near = (a: Float32Array, b: ArrayLike<number>) =>
  a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] as number)) < 1e-4);
