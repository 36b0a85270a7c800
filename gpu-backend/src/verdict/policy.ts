// The thresholds from which verdicts come. Scores are calibrated by the model's manifest, so the policy speaks
// of certainty and coverage and holds for every model.

import { z } from "zod";

const share = z.number().min(0).max(1);

export const policySchema = z.strictObject({
  /** A segment below this score is no evidence of a copy. */
  review_score: share,
  /** A segment from here on is a copy. */
  copy_score: share,
  /** The share of the query that copies must cover for the whole query to be a duplicate. */
  duplicate_query_coverage: share,
  /** Seconds that copies must cover for a partial copy; shorter ones go to review. */
  partial_copy_min_s: z.number().min(0),
});
export type Policy = z.infer<typeof policySchema>;

/**
 * Set on the fit part of real clips under edits (`npm run calibrate -- --every 2`): 94 in 100 true pairs reach the
 * copy score. No pair of different videos does, nor even .7: the room between is for the more chances of a false
 * pair that a large library has. Other moments of one video may: 10 of 105 pairs of three-second parts, of scenes
 * that repeat themselves.
 */
export const DEFAULT_POLICY: Policy = {
  review_score: 0.35,
  copy_score: 0.8,
  duplicate_query_coverage: 0.6,
  partial_copy_min_s: 2,
};
