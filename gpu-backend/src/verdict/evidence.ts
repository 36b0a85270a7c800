// The evidence that is kept of a check, so that other thresholds can be tried on it: the best candidates with all
// segments that they share with the query.

import {
  EVIDENCE_CANDIDATES,
  EVIDENCE_LEAST_SCORE,
  EVIDENCE_SEGMENTS,
  type Evidence,
  type Judgements,
  type Segment,
} from "@twinframe/shared/contract";
import type { JudgedVideo } from "./judge.ts";
import { type JudgedCandidate, matchesOf, rounded, roundedSegment } from "./match.ts";
import type { Policy } from "./policy.ts";

/** Rounded, a shorter duration would be 0. */
const LEAST_DURATION_S = 0.001;
const reportedDurationS = (durationS: number) => Math.max(LEAST_DURATION_S, rounded(durationS, 3));

/** In the query's order; of too many, the surest. */
function reportedSegments(segments: Segment[]): Segment[] {
  return segments
    .filter(({ score }) => score >= EVIDENCE_LEAST_SCORE)
    .sort((a, b) => b.score - a.score)
    .slice(0, EVIDENCE_SEGMENTS)
    .sort((a, b) => a.query.start_s - b.query.start_s)
    .map(roundedSegment);
}

/** What a candidate may be found to be under any thresholds: its best score, then how much it covers. */
const weight = ({ segments }: Evidence["candidates"][number]) => ({
  best: segments.reduce((best, { score }) => Math.max(best, score), 0),
  sureS: segments.reduce((sum, { query, score }) => sum + score * (query.end_s - query.start_s), 0),
});

export function evidenceOf(candidates: readonly JudgedCandidate[], query: JudgedVideo): Evidence {
  const kept = candidates
    .map(({ referenceId, durationS, segments }) => ({
      reference_id: referenceId,
      duration_s: reportedDurationS(durationS),
      segments: reportedSegments(segments),
    }))
    .filter(({ segments }) => segments.length > 0)
    .map((candidate) => ({ candidate, ...weight(candidate) }))
    .sort((a, b) => b.best - a.best || b.sureS - a.sureS)
    .slice(0, EVIDENCE_CANDIDATES)
    .map(({ candidate }) => candidate);
  return { query_duration_s: reportedDurationS(query.durationS), candidates: kept };
}

/** The verdict that these thresholds would have given, by the rules of every check. */
export function judgeEvidence(
  { query_duration_s, candidates }: Evidence,
  policy: Policy,
): Judgements["judgements"][number] {
  const judged = candidates.map(({ reference_id, duration_s, segments }) => ({
    referenceId: reference_id,
    durationS: duration_s,
    segments,
  }));
  const [best] = matchesOf(judged, { durationS: query_duration_s }, policy);
  return best
    ? { verdict: best.verdict, reference_id: best.reference_id, score: best.score }
    : { verdict: "unique", reference_id: null, score: 0 };
}
