// The weights that turn a segment's evidence into a score, fitted on labelled pairs.

import type { AlignedSegment } from "@twinframe/gpu-backend/align/align";
import { scoreOf } from "@twinframe/gpu-backend/align/evidence";
import type { Calibration } from "@twinframe/gpu-backend/descriptor/manifest";
import { fitLogistic } from "./logistic.ts";

export type Found = Pick<AlignedSegment, "evidence" | "kind">;
export interface LabelledPair<F = Found> {
  /** Whether the query truly is a copy of the reference. */
  isCopy: boolean;
  segments: F[];
}
type Weights = Calibration["score"];

const RIDGE = 0.0005;
/** Which segment is a pair's best depends on the weights, and those on the segments: a few rounds settle it. */
const ROUNDS = 6;

export const FEATURES: readonly ((found: Found) => number)[] = [
  ({ evidence }) => evidence.similarity,
  ({ evidence }) => evidence.motion,
  ({ evidence }) => Math.log(Math.max(1, evidence.frames)),
  ({ kind }) => Number(kind === "turned"),
  ({ kind }) => Number(kind === "part"),
];
/** The bias, then a weight a feature. */
const START = [-8, 4, 4, 1, -0.5, -1];

/** A segment's log-odds by weights, the bias first. */
export function logitOf<F>(
  found: F,
  features: readonly ((found: F) => number)[],
  weights: readonly number[],
) {
  return features.reduce((sum, feature, i) => sum + (weights[i + 1] ?? 0) * feature(found), weights[0] ?? 0);
}

function best<F>(segments: readonly F[], score: (found: F) => number): F | null {
  return segments.reduce<F | null>((a, b) => (a === null || score(b) > score(a) ? b : a), null);
}

/** The bias, then a weight a feature. Throws when there are no true or no false pairs among those with segments. */
export function fitPairs<F>(
  pairs: readonly LabelledPair<F>[],
  features: readonly ((found: F) => number)[],
  start: readonly number[],
): number[] {
  let weights = [...start];
  for (let round = 0; round < ROUNDS; round++) {
    const examples = pairs.flatMap(({ segments, isCopy }) => {
      const found = best(segments, (one) => logitOf(one, features, weights));
      return found === null
        ? []
        : [{ features: features.map((feature) => feature(found)), positive: isCopy }];
    });
    weights = fitLogistic(examples, RIDGE);
  }
  return weights;
}

export function fitWeights(pairs: readonly LabelledPair[]): Weights {
  const fitted = fitPairs(pairs, FEATURES, START).map((weight) => Number(weight.toFixed(3)));
  const [bias = 0, similarity = 0, motion = 0, evidence = 0, turned = 0, part = 0] = fitted;
  return { bias, similarity, motion, evidence, turned, part };
}

export function bestScore(segments: readonly Found[], weights: Weights): number {
  return Math.max(0, ...segments.map(({ evidence, kind }) => scoreOf(evidence, kind, weights)));
}
