import type { Explanation } from "@twinframe/shared/contract";
import type { JudgeStage, SearchStage } from "../stages.ts";

export type ExplanationBasis = Pick<SearchStage, "embedder"> & JudgeStage;

/** What every verdict of this service rests on: the model and the thresholds in force. */
export function explanationBasis({
  embedder,
  policy,
}: ExplanationBasis): Pick<Explanation, "model" | "policy"> {
  const { id, version, calibration } = embedder.manifest;
  const { frame_similarity_floor } = calibration;
  return { model: { id, version, frame_similarity_floor }, policy: { ...policy } };
}
