// How well found segments fit the true ones, as VCSL measures it (He et al., "A Large-scale Comprehensive Dataset
// and Copy-overlap Aware Evaluation Protocol for Segment-level Video Copy Detection", CVPR 2022). A segment is a
// box over query time and reference time. On each axis, precision is the length of the found boxes that true
// boxes cover over the length of the found boxes: every found box counts the union of its overlaps with the true
// boxes that it meets. Recall is the same with the roles exchanged. A pair's figure is the product over the axes.

import { coveredS } from "@twinframe/gpu-backend/verdict/judge";
import type { TimeRange } from "@twinframe/shared/contract";

export interface Box {
  query: TimeRange;
  reference: TimeRange;
}

export interface SegmentFit {
  precision: number;
  recall: number;
}

const AXES = ["query", "reference"] as const;

const overlap = (a: TimeRange, b: TimeRange): TimeRange => ({
  start_s: Math.max(a.start_s, b.start_s),
  end_s: Math.min(a.end_s, b.end_s),
});
const lengthOf = ({ start_s, end_s }: TimeRange) => Math.max(0, end_s - start_s);

/** Boxes meet when they overlap on both axes; touching is not meeting. */
const meet = (a: Box, b: Box) => AXES.every((axis) => lengthOf(overlap(a[axis], b[axis])) > 0);

/** The share of `boxes` that `others` cover. */
function coveredShare(boxes: readonly Box[], others: readonly Box[]): number {
  return AXES.reduce((product, axis) => {
    let covered = 0;
    let total = 0;
    for (const box of boxes) {
      total += lengthOf(box[axis]);
      const met = others.filter((other) => meet(box, other));
      covered += coveredS(met.map((other) => overlap(box[axis], other[axis])));
    }
    return total === 0 ? 0 : (product * covered) / total;
  }, 1);
}

/** A true pair's fit. By VCSL's convention nothing found is precision 1 and recall 0. */
export function segmentFit(found: readonly Box[], truth: readonly Box[]): SegmentFit {
  if (found.length === 0) return { precision: 1, recall: 0 };
  return { precision: coveredShare(found, truth), recall: coveredShare(truth, found) };
}
