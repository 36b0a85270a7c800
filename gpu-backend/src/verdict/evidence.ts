// What a verdict was made from, to be told and judged anew: the best candidates with all that they share with the
// query, and what other thresholds say of them.

import {
  byStrength,
  EVIDENCE_CANDIDATES,
  EVIDENCE_LEAST_SCORE,
  EVIDENCE_SEGMENTS,
  type Evidence,
  type Judgements,
  type Segment,
} from "@twinframe/shared/contract";
import type { JudgedVideo } from "./decide.ts";
import { judge, rounded, roundedSegment } from "./judge.ts";
import type { Policy } from "./policy.ts";

/** Rounded, a moment would be none. */
const LEAST_DURATION_S = 0.001;
const toldDurationS = (durationS: number) => Math.max(LEAST_DURATION_S, rounded(durationS, 3));

interface Candidate extends JudgedVideo {
  referenceId: string;
  segments: Segment[];
}

/** In the query's order; of too many, the surest. */
function toldSegments(segments: Segment[]): Segment[] {
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

export function evidenceOf(candidates: readonly Candidate[], query: JudgedVideo): Evidence {
  const told = candidates
    .map(({ referenceId, durationS, segments }) => ({
      reference_id: referenceId,
      duration_s: toldDurationS(durationS),
      segments: toldSegments(segments),
    }))
    .filter(({ segments }) => segments.length > 0)
    .map((candidate) => ({ candidate, ...weight(candidate) }))
    .sort((a, b) => b.best - a.best || b.sureS - a.sureS)
    .slice(0, EVIDENCE_CANDIDATES)
    .map(({ candidate }) => candidate);
  return { query_duration_s: toldDurationS(query.durationS), candidates: told };
}

/** The verdict that these thresholds would have given, by the rules of every check. */
export function judgeEvidence(
  { query_duration_s, candidates }: Evidence,
  policy: Policy,
): Judgements["judgements"][number] {
  const query = { durationS: query_duration_s };
  const [best] = candidates
    .map(({ reference_id, duration_s, segments }) =>
      judge(reference_id, segments, query, { durationS: duration_s }, policy),
    )
    .filter((match) => match !== null)
    .sort((a, b) => byStrength(a, b) || b.visual.query_coverage - a.visual.query_coverage);
  return best
    ? { verdict: best.verdict, reference_id: best.reference_id, score: best.score }
    : { verdict: "unique", reference_id: null, score: 0 };
}
