// An explained pair for people.

import type {
  AnalysisResult,
  ExplainedCandidate,
  ExplainedLook,
  ExplainedSegment,
  TimeRange,
} from "@twinframe/shared/contract";

export interface ExplainedPair {
  candidate: ExplainedCandidate;
  looks: readonly ExplainedLook[];
  /** The check did not speak of the reference: it was compared now. */
  isDirect: boolean;
}

const range = ({ start_s, end_s }: TimeRange) => `${start_s.toFixed(1)}–${end_s.toFixed(1)} s`;
const named = (values: Record<string, number>) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

function segmentLine({ query, reference, score, speed, mirrored, view, evidence }: ExplainedSegment): string {
  const how = [`score ${score.toFixed(3)}`, ...(speed === 1 ? [] : [`speed ${speed}`])];
  const look = [...(view === null ? [] : [`look ${view}`]), ...(mirrored ? ["mirrored"] : [])];
  const details = [...how, ...look, ...(evidence ? [named(evidence)] : [])].join(", ");
  return `  query ${range(query)} is reference ${range(reference)}: ${details}`;
}

function checkLines({ found_by, matches, explanation, model }: AnalysisResult): string[] {
  const best = matches[0];
  const { policy, box, candidates, reason } = explanation ?? { candidates: [] };
  const verdict = best ? `${best.verdict} of ${best.reference_id}, found by ${found_by}` : "unique";
  const trimmed = box && `${box.left}–${box.right} of the width, ${box.top}–${box.bottom} of the height`;
  const floor = explanation?.model?.frame_similarity_floor;
  return [
    `the check in the whole set: ${verdict}`,
    `  model ${model.id} ${model.version}${floor === undefined ? "" : `, frames alike from ${floor} on`}`,
    ...(policy ? [`  policy: ${named(policy)}`] : []),
    ...(trimmed ? [`  picture within its bars: ${trimmed}`] : []),
    ...candidates.map(
      ({ reference_id, verdict, rule, best_score }) =>
        `  candidate ${reference_id}: ${verdict} (${rule}), best score ${best_score.toFixed(3)}`,
    ),
    ...(reason === undefined ? [] : [`  no candidates: ${reason}`]),
  ];
}

export function explanationText(
  { query, reference }: { query: string; reference: string },
  result: AnalysisResult,
  { candidate, looks, isDirect }: ExplainedPair,
  out: string,
): string {
  const { verdict, rule, reason, segments, matrix } = candidate;
  const direct = isDirect
    ? [`${reference} is not among the check's best candidates: it was compared directly, in every look.`]
    : [];
  const looked = looks.map(({ view, frames }) => `${view} (${frames} frames)`).join(", ");
  return [
    ...checkLines(result),
    "",
    ...direct,
    `${query} – ${reference}: ${isDirect ? "would be " : ""}${verdict} (${rule})`,
    `  ${reason}`,
    ...segments.map(segmentLine),
    ...(looked ? [`  looked at: ${looked}`] : []),
    matrix
      ? `  matrix: ${out}, ${matrix.query_s} s of the query down, ${matrix.reference_s} s of the reference across, look ${matrix.view}`
      : "  no matrix: no pictures were compared",
  ].join("\n");
}
