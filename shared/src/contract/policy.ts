// A library's policy: from which evidence on a verdict is given, and what the caller is to do about it. By
// modality, of which there is one so far: the picture (`visual`).

import { z } from "zod";
import { VERDICTS, type Verdict } from "./match.ts";

const share = z.number().min(0).max(1);
/** Beyond any video that is taken. */
const seconds = z.number().min(0).max(86_400);

/**
 * Set on the fit part of real clips under edits (`npm run calibrate -- --every 2`): 94 in 100 true pairs reach the
 * copy score. No pair of different videos does, nor even .7: the room between is for the more chances of a false
 * pair that a large library has. Other moments of one video may: 10 of 105 pairs of three-second parts, of scenes
 * that repeat themselves.
 */
const DEFAULT_VISUAL = {
  review_score: 0.35,
  copy_score: 0.8,
  duplicate_query_coverage: 0.6,
  duplicate_reference_coverage: 0,
  partial_copy_min_s: 2,
};

const ordered = {
  holds: ({ review_score, copy_score }: { review_score: number; copy_score: number }) =>
    review_score <= copy_score,
  fault: { path: ["review_score"], message: "must not be above copy_score" },
};

/** Scores are calibrated by the model's manifest, so these hold for every model. */
export const visualPolicySchema = z
  .strictObject({
    /** A segment below this score is no evidence of a copy. */
    review_score: share,
    /** A segment from here on is a copy. */
    copy_score: share,
    /** The share of the query that copies must cover for the query to be a duplicate. */
    duplicate_query_coverage: share,
    /** The same of the reference; 0: a stretch of the reference is a duplicate of it. */
    duplicate_reference_coverage: share,
    /** Seconds that copies must cover for a partial copy; shorter ones go to review. */
    partial_copy_min_s: seconds,
  })
  .refine(ordered.holds, ordered.fault);
export type VisualPolicy = z.infer<typeof visualPolicySchema>;

/** What a verdict asks of the caller. */
export const actionSchema = z.enum(["block", "review", "allow"]);
export type Action = z.infer<typeof actionSchema>;

export const policySchema = z.strictObject({
  visual: visualPolicySchema,
  actions: z.strictObject(
    Object.fromEntries(VERDICTS.map((verdict) => [verdict, actionSchema])) as Record<
      Verdict,
      typeof actionSchema
    >,
  ),
});
export type Policy = z.infer<typeof policySchema>;

export const DEFAULT_POLICY: Policy = {
  visual: DEFAULT_VISUAL,
  actions: { duplicate: "block", partial_copy: "review", review: "review", unique: "allow" },
};

const { visual, actions } = DEFAULT_POLICY;

/** A policy as a client writes it: whatever it leaves out is as in the default one. */
export const policyInputSchema = z.strictObject({
  visual: z
    .strictObject({
      review_score: share.default(visual.review_score),
      copy_score: share.default(visual.copy_score),
      duplicate_query_coverage: share.default(visual.duplicate_query_coverage),
      duplicate_reference_coverage: share.default(visual.duplicate_reference_coverage),
      partial_copy_min_s: seconds.default(visual.partial_copy_min_s),
    })
    .refine(ordered.holds, ordered.fault)
    .default(visual),
  actions: z
    .strictObject({
      duplicate: actionSchema.default(actions.duplicate),
      partial_copy: actionSchema.default(actions.partial_copy),
      review: actionSchema.default(actions.review),
      unique: actionSchema.default(actions.unique),
    })
    .default(actions),
});

/** What the backend judges by: the thresholds alone, by modality. */
export const thresholdsSchema = z.strictObject({ visual: visualPolicySchema });
export type Thresholds = z.infer<typeof thresholdsSchema>;

/** A policy as the API answers it. Version 0 is the default one; each change counts up. */
export const versionedPolicySchema = policySchema.extend({ version: z.int().min(0) });
export type VersionedPolicy = z.infer<typeof versionedPolicySchema>;
