// Applies a policy's thresholds to segments, here alone: the verdict on one candidate, the rule that gave it, and the
// numbers that the rule compared.

import type { Rule, Segment, TimeRange, Verdict } from "@twinframe/shared/contract";
import type { Policy } from "./policy.ts";

export interface JudgedVideo {
  durationS: number;
}

type Scored = Pick<Segment, "query" | "reference" | "score">;

export interface Judgement<S extends Scored = Segment> {
  verdict: Verdict;
  rule: Rule;
  /** What the verdict rests on: the copies if there are any, else the doubtful ones. */
  segments: S[];
  /** Of all segments, also those that do not count; 0 when there are none. */
  bestScore: number;
  /** Seconds of the query that copies cover. */
  copiedS: number;
  /** The share of the reference that they cover. */
  referenceShare: number;
}

/** Seconds covered by ranges that may overlap. */
export function coveredS(ranges: TimeRange[]): number {
  let covered = 0;
  let reachedS = Number.NEGATIVE_INFINITY;
  for (const { start_s, end_s } of [...ranges].sort((a, b) => a.start_s - b.start_s)) {
    covered += Math.max(0, end_s - Math.max(start_s, reachedS));
    reachedS = Math.max(reachedS, end_s);
  }
  return covered;
}

export function judge<S extends Scored>(
  segments: S[],
  query: JudgedVideo,
  reference: JudgedVideo,
  policy: Policy,
): Judgement<S> {
  const bestScore = segments.reduce((best, { score }) => Math.max(best, score), 0);
  const counted = segments.filter(({ score }) => score >= policy.review_score);
  const copies = counted.filter(({ score }) => score >= policy.copy_score);
  const copiedS = coveredS(copies.map((segment) => segment.query));
  const referenceShare = coveredS(copies.map((segment) => segment.reference)) / reference.durationS;
  const judged = (verdict: Verdict, rule: Rule): Judgement<S> => ({
    verdict,
    rule,
    bestScore,
    copiedS,
    referenceShare,
    segments: copies.length > 0 ? copies : counted,
  });
  if (segments.length === 0) return judged("unique", "no_segment");
  if (counted.length === 0) return judged("unique", "score_below_review");
  if (copies.length === 0) return judged("review", "score_below_copy");
  if (
    copiedS / query.durationS >= policy.duplicate_query_coverage &&
    referenceShare >= policy.duplicate_reference_coverage
  )
    return judged("duplicate", "segments_cover_query");
  if (copiedS >= policy.partial_copy_min_s) return judged("partial_copy", "segments_long_enough");
  return judged("review", "segments_too_short");
}
