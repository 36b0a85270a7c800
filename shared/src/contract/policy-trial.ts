// Thresholds tried on recent checks before they are saved.

import { z } from "zod";
import { verdictSchema } from "./match.ts";
import { actionSchema, policyInputSchema, policySchema } from "./policy.ts";
import { timeSchema } from "./primitives.ts";

/** `POST /v1/libraries/{name}/policy/trial`. */
export const policyTrialSchema = z.strictObject({
  /** As PUT takes it. */
  policy: policyInputSchema,
  /** The latest completed ones. */
  checks: z.int().min(1).max(1000).default(200),
  since: timeSchema.optional(),
});
export type PolicyTrial = z.infer<typeof policyTrialSchema>;

export const MOST_CHANGED = 50;

const count = z.int().min(0);
const change = <Kind extends z.ZodType>(kind: Kind) => z.object({ from: kind, to: kind, count });

export const policyTrialResultSchema = z.object({
  policy: policySchema,
  tried: count,
  /** Their evidence is not there: older than it is kept, or answered from an earlier check's verdict. */
  not_tried: count,
  /** Those that stay as they are, too. */
  verdicts: z.array(change(verdictSchema)),
  actions: z.array(change(actionSchema)),
  /** Checks whose verdict or action would have been another, the latest first. */
  changed_count: count,
  changed: z
    .array(
      z.object({
        check_id: z.string(),
        created_at: z.iso.datetime(),
        verdict: z.object({ from: verdictSchema, to: verdictSchema }),
        action: z.object({ from: actionSchema, to: actionSchema }),
        /** The best match under the policy tried, and its score. */
        reference_id: z.string().nullable(),
        score: z.number(),
      }),
    )
    .max(MOST_CHANGED),
});
export type PolicyTrialResult = z.infer<typeof policyTrialResultSchema>;
