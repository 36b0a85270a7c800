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
 * Set on the fit part of real clips under edits, where no false pair reached .55, all but 2 in 100 not even .19,
 * and 95 in 100 true ones .65 (from what `npm run calibrate` prints): above the first, since a large library has
 * more chances of a false pair.
 */
export const DEFAULT_POLICY: Policy = {
  review_score: 0.35,
  copy_score: 0.65,
  duplicate_query_coverage: 0.6,
  partial_copy_min_s: 2,
};
