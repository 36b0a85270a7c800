// Explanations where no picture had to be compared.

import { EXPLAINED_CANDIDATES, type Explanation, type FoundMatch } from "@twinframe/shared/contract";
import { SAME_PACKETS_REASON } from "../../verdict/reason.ts";
import { type ExplanationBasis, explanationBasis } from "./explanation-basis.ts";

/** A reference has the very coded pictures of the query. */
export function explainSamePackets(matches: FoundMatch[], stages: ExplanationBasis): Explanation {
  return {
    ...explanationBasis(stages),
    looks: [],
    box: null,
    candidates: matches.slice(0, EXPLAINED_CANDIDATES).map(({ reference_id, verdict, score, visual }) => ({
      reference_id,
      verdict,
      rule: "same_packets",
      reason: SAME_PACKETS_REASON,
      best_score: score,
      segments: visual.segments.map((segment) => ({ ...segment, view: null, evidence: null })),
      matrix: null,
    })),
  };
}

/** The video joined the library before the analysis was cut off; what it was compared with is not kept. */
export function explainFinishedBefore(referenceId: string, stages: ExplanationBasis): Explanation {
  const reason = `Nothing matched, and the video joined the library as ${referenceId}; then the analysis was interrupted, and what it was compared with is no longer known.`;
  return { ...explanationBasis(stages), looks: [], box: null, candidates: [], reason };
}
