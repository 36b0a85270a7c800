// Matches as results report them: a judged candidate with its scores, coverage and segments, rounded.

import { byStrength, type FoundMatch, type Segment, type TimeRange } from "@twinframe/shared/contract";
import { coveredS, type JudgedVideo, judge } from "./judge.ts";
import type { Policy } from "./policy.ts";

export const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
const roundedRange = ({ start_s, end_s }: TimeRange): TimeRange => ({
  start_s: rounded(start_s, 2),
  end_s: rounded(end_s, 2),
});

/** A segment as results report it. */
export const roundedSegment = ({ query, reference, score, speed, mirrored }: Segment): Segment => ({
  query: roundedRange(query),
  reference: roundedRange(reference),
  score: rounded(score, 6),
  speed: rounded(speed, 3),
  mirrored,
});

/** A reference with the segments that it shares with a query. */
export interface JudgedCandidate extends JudgedVideo {
  referenceId: string;
  segments: Segment[];
}

/** The match of one query with one reference, or null when no segment reaches the policy's review score. */
export function matchOf(
  { referenceId, segments, durationS }: JudgedCandidate,
  query: JudgedVideo,
  policy: Policy,
): FoundMatch | null {
  const reference = { durationS };
  const { verdict, segments: shown } = judge(segments, query, reference, policy);
  if (verdict === "unique") return null;
  return { reference_id: referenceId, verdict, ...foundIn(shown, query, reference) };
}

/** Matches that the policy lets count, best first. */
export function matchesOf(
  candidates: readonly JudgedCandidate[],
  query: JudgedVideo,
  policy: Policy,
): FoundMatch[] {
  return candidates
    .map((candidate) => matchOf(candidate, query, policy))
    .filter((match) => match !== null)
    .sort((a, b) => byStrength(a, b) || b.visual.query_coverage - a.visual.query_coverage);
}

/** Score and coverage of segments together; there must be one. */
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
