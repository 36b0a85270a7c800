// From aligned segments to a match and its verdict.

import type { FoundMatch, Segment, TimeRange } from "@twinframe/shared/contract";
import { coveredS, decide, type JudgedVideo } from "./decide.ts";
import type { Policy } from "./policy.ts";

export const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
const roundedRange = ({ start_s, end_s }: TimeRange): TimeRange => ({
  start_s: rounded(start_s, 2),
  end_s: rounded(end_s, 2),
});

/** A segment as it is told. */
export const roundedSegment = ({ query, reference, score, speed, mirrored }: Segment): Segment => ({
  query: roundedRange(query),
  reference: roundedRange(reference),
  score: rounded(score, 6),
  speed: rounded(speed, 3),
  mirrored,
});

/** The match of one query with one reference, or null when no segment reaches the policy's review score. */
export function judge(
  referenceId: string,
  segments: Segment[],
  query: JudgedVideo,
  reference: JudgedVideo,
  policy: Policy,
): FoundMatch | null {
  const { verdict, segments: shown } = decide(segments, query, reference, policy);
  if (verdict === "unique") return null;
  return { reference_id: referenceId, verdict, ...foundIn(shown, query, reference) };
}

/** What segments say together; there must be one. */
export function foundIn(
  segments: Segment[],
  query: JudgedVideo,
  reference: JudgedVideo,
): Pick<FoundMatch, "score" | "visual"> {
  const share = (ranges: TimeRange[], durationS: number) =>
    rounded(Math.min(1, coveredS(ranges) / durationS), 4);
  const inQuery = segments.map((segment) => segment.query);
  const inReference = segments.map((segment) => segment.reference);
  return {
    score: rounded(Math.max(...segments.map(({ score }) => score)), 6),
    visual: {
      query_coverage: share(inQuery, query.durationS),
      reference_coverage: share(inReference, reference.durationS),
      segments: segments.map(roundedSegment),
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
