import type { Explanation } from "@twinframe/shared/contract";
import type { Stages } from "../stages.ts";

/** What every verdict of this service rests on: the model and the thresholds in force. */
export function groundsOf({
  embedder,
  policy,
}: Pick<Stages, "embedder" | "policy">): Pick<Explanation, "model" | "policy"> {
  const { id, version, calibration } = embedder.manifest;
  const { frame_similarity_floor } = calibration;
  return { model: { id, version, frame_similarity_floor }, policy: { ...policy } };
}
