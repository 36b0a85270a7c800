// From aligned segments to a match and its verdict.

import type { FoundMatch, Segment, TimeRange, Verdict } from "@twinframe/shared/contract";
import type { Policy } from "./policy.ts";

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

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
const roundedRange = ({ start_s, end_s }: TimeRange): TimeRange => ({
  start_s: rounded(start_s, 2),
  end_s: rounded(end_s, 2),
});

export interface JudgedVideo {
  durationS: number;
}

/** The match of one query with one reference, or null when no segment reaches the policy's review score. */
export function judge(
  referenceId: string,
  segments: Segment[],
  query: JudgedVideo,
  reference: JudgedVideo,
  policy: Policy,
): FoundMatch | null {
  const counted = segments.filter(({ score }) => score >= policy.review_score);
  if (counted.length === 0) return null;
  const copies = counted.filter(({ score }) => score >= policy.copy_score);
  const share = (ranges: TimeRange[], durationS: number) => Math.min(1, coveredS(ranges) / durationS);
  const copiedS = coveredS(copies.map((segment) => segment.query));
  let verdict: Verdict = "review";
  if (copiedS / query.durationS >= policy.duplicate_query_coverage) verdict = "duplicate";
  else if (copiedS >= policy.partial_copy_min_s) verdict = "partial_copy";
  const shown = copies.length > 0 ? copies : counted;
  return {
    reference_id: referenceId,
    verdict,
    score: rounded(Math.max(...shown.map(({ score }) => score)), 6),
    visual: {
      query_coverage: rounded(
        share(
          shown.map((segment) => segment.query),
          query.durationS,
        ),
        4,
      ),
      reference_coverage: rounded(
        share(
          shown.map((segment) => segment.reference),
          reference.durationS,
        ),
        4,
      ),
      segments: shown.map(({ query: inQuery, reference: inReference, score, speed, mirrored }) => ({
        query: roundedRange(inQuery),
        reference: roundedRange(inReference),
        score: rounded(score, 6),
        speed: rounded(speed, 3),
        mirrored,
      })),
    },
  };
}

/** Two files with the same coded pictures: the whole of one is the whole of the other. */
export function exactMatch(referenceId: string, query: JudgedVideo, reference: JudgedVideo): FoundMatch {
  return {
    reference_id: referenceId,
    verdict: "duplicate",
    score: 1,
    visual: {
      query_coverage: 1,
      reference_coverage: 1,
      segments: [
        {
          query: roundedRange({ start_s: 0, end_s: query.durationS }),
          reference: roundedRange({ start_s: 0, end_s: reference.durationS }),
          score: 1,
          speed: 1,
          mirrored: false,
        },
      ],
    },
  };
}
