// The evidence that a stretch is a copy. Similarity alone does not distinguish a copy from another moment of the same
// scene, where most of the picture is the same. Motion does: subtract from each side its mean over the stretch and
// correlate the rest along the line. In a copy the moving parts move alike (decision 0004).

import type { Calibration } from "../descriptor/manifest.ts";
import { partnerOf, type Stretch } from "./line.ts";
import type { Pair } from "./pair.ts";

export interface Evidence {
  /** Mean cosine of the aligned frames. */
  similarity: number;
  /** Centred correlation along the line, −1 … 1; where nothing moves, what similarity is worth alone, 0 … 1. */
  motion: number;
  /** Different frames that take part, on the side that has fewer. */
  frames: number;
}

export function evidenceOf(pair: Pair, stretch: Stretch): Evidence {
  const { dims, query, reference, calibration } = pair;
  const queryMean = new Float64Array(dims);
  const referenceMean = new Float64Array(dims);
  const queryFrames = new Set<number>();
  const referenceFrames = new Set<number>();
  let count = 0;
  let sum = 0;
  for (let place = stretch.first; place <= stretch.last; place++) {
    const frame = pair.queryTimeline.frameAt[place] as number;
    const partner = partnerOf(pair, stretch.line, place);
    if (frame < 0 || partner < 0) continue;
    count++;
    sum += pair.similarities[frame * pair.referenceFrames + partner] as number;
    queryFrames.add(frame);
    referenceFrames.add(partner);
    for (let i = 0; i < dims; i++) {
      queryMean[i] = (queryMean[i] as number) + (query.vectors[frame * dims + i] as number);
      referenceMean[i] = (referenceMean[i] as number) + (reference.vectors[partner * dims + i] as number);
    }
  }
  if (count === 0) return { similarity: 0, motion: 0, frames: 0 };
  let cross = 0;
  let querySquare = 0;
  let referenceSquare = 0;
  for (let i = 0; i < dims; i++) {
    const q = (queryMean[i] as number) / count;
    const r = (referenceMean[i] as number) / count;
    cross += q * r;
    querySquare += q * q;
    referenceSquare += r * r;
  }
  const similarity = sum / count;
  // Vectors have length 1, so the mean squared distance from the mean is 1 − |mean|².
  const energy = Math.sqrt(Math.max(0, 1 - querySquare) * Math.max(0, 1 - referenceSquare));
  const { static_energy, static_similarity } = calibration;
  const { none, full } = static_similarity;
  const alike = Math.min(1, Math.max(0, (similarity - none) / (full - none)));
  const motion = (similarity - cross + static_energy * alike) / (energy + static_energy);
  return { similarity, motion, frames: Math.min(queryFrames.size, referenceFrames.size) };
}

/** What a view shows of the query: its whole frames, those mirrored or turned, or a part of them. */
export type ViewKind = "whole" | "turned" | "part";

/** Evidence as a probability-like score, 0 … 1, by the model's calibrated logistic weights. */
export function scoreOf(evidence: Evidence, kind: ViewKind, weights: Calibration["score"]): number {
  if (evidence.frames === 0) return 0;
  const logit =
    weights.bias +
    (kind === "whole" ? 0 : weights[kind]) +
    weights.similarity * evidence.similarity +
    weights.motion * evidence.motion +
    weights.evidence * Math.log(evidence.frames);
  return 1 / (1 + Math.exp(-logit));
}
