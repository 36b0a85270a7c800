import { z } from "zod";
import { problemSchema } from "../problem/index.ts";
import { modelIdentitySchema } from "./analysis.ts";
import { explanationSchema } from "./explanation.ts";
import { foundBySchema, matchSchema, timeRangeSchema, verdictSchema } from "./match.ts";
import { actionSchema } from "./policy.ts";
import {
  DEFAULT_LIBRARY,
  metadataSchema,
  nameSchema,
  referenceIdSchema,
  sha256Schema,
  timeSchema,
  uploadIdSchema,
  urlSchema,
} from "./primitives.ts";

/** What a check may be told, besides where the video is. */
export const checkOptionsSchema = z.strictObject({
  library: nameSchema.default(DEFAULT_LIBRARY),
  /** Whether a video found unique joins the library. */
  index: z.enum(["never", "if_unique"]).default("never"),
  /** The id that it joins under; made by us when absent. */
  reference_id: referenceIdSchema.optional(),
  /** Kept with the reference that the check makes, if it makes one. */
  metadata: metadataSchema.default({}),
  /** Whether the answer says what was compared and which rule decided. */
  explain: z.boolean().default(false),
  /** Told how this check ended, beside the tenant's endpoints. */
  webhook_url: urlSchema.optional(),
});
export type CheckOptions = z.infer<typeof checkOptionsSchema>;

/** `POST /v1/checks` with a JSON body that names a URL. */
export const createCheckSchema = checkOptionsSchema.extend({ url: urlSchema });
export type CreateCheck = z.infer<typeof createCheckSchema>;

/** The JSON body names one of: a URL, a completed upload, or the SHA-256 of what is perhaps a reference. */
export const checkBodySchema = z.union([
  createCheckSchema,
  checkOptionsSchema.extend({ upload_id: uploadIdSchema }),
  checkOptionsSchema.extend({ sha256: sha256Schema }),
]);

export const checkStatusSchema = z.enum(["queued", "running", "completed", "failed", "cancelled"]);
export type CheckStatus = z.infer<typeof checkStatusSchema>;

export const checkTimingsSchema = z.object({
  intake: z.number(),
  probe: z.number(),
  decode: z.number(),
  embed: z.number(),
  search: z.number(),
  align: z.number(),
  total: z.number(),
});
export type CheckTimings = z.infer<typeof checkTimingsSchema>;

/**
 * What decided beside the matches. `not_fully_seen`: nothing was found in what could be seen of the video, which is
 * not all of it, so its verdict is `review`. `several_streams`: the video is unique, but has several streams of
 * pictures, so it does not join the library.
 */
export const checkReasonSchema = z.enum(["not_fully_seen", "several_streams"]);
export type CheckReason = z.infer<typeof checkReasonSchema>;

/** `POST /v1/checks/{id}/decision`. */
export const decisionInputSchema = z.strictObject({
  decision: z.enum(["confirmed", "rejected"]),
  /** Who decided: a name, an address, whatever the client knows its people by. */
  by: z.string().min(1).max(200),
  reason: z.string().max(2000).optional(),
});
export type DecisionInput = z.infer<typeof decisionInputSchema>;

export const decisionSchema = z.object({
  decision: decisionInputSchema.shape.decision,
  by: z.string(),
  reason: z.string().nullable(),
  decided_at: z.iso.datetime(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** A check as `POST /v1/checks` and `GET /v1/checks/{id}` answer it. */
export const checkSchema = z.object({
  id: z.string(),
  status: checkStatusSchema,
  library: nameSchema,
  created_at: z.iso.datetime(),
  /** From here on: absent until the check is completed. */
  verdict: verdictSchema.optional(),
  /** Null when the matches say all. */
  reason: checkReasonSchema.nullable().optional(),
  /** What the library's policy asks for after this verdict. */
  action: actionSchema.optional(),
  /** The version of the policy that it was judged by; 0 is the default one. */
  policy_version: z.int().min(0).optional(),
  is_duplicate: z.boolean().optional(),
  /** The reference that the query is a copy of; empty when it is none. */
  duplicate_for: z.string().optional(),
  found_by: foundBySchema.nullable().optional(),
  query: z
    .object({
      sha256: sha256Schema,
      /** Null when the exact bytes were known, so that the video was not opened. */
      duration_s: z.number().nullable(),
      /** Of them, those that were seen; null when nothing was decoded. */
      seen_s: z.number().nullable().optional(),
      /** Those that were not, the longest stretches first. */
      gaps: z.array(timeRangeSchema).optional(),
      frames: z.int().nullable(),
    })
    .optional(),
  matches: z.array(matchSchema).optional(),
  /** The reference that the check made of its video, with `index: "if_unique"`. */
  indexed_as: referenceIdSchema.nullable().optional(),
  timings_ms: checkTimingsSchema.optional(),
  model: modelIdentitySchema.nullable().optional(),
  completed_at: z.iso.datetime().optional(),
  /** Only when it was asked for; null once it is no longer kept. */
  explanation: explanationSchema.nullable().optional(),
  /** Only of a verdict `review` that somebody has decided. */
  decision: decisionSchema.optional(),
  /** Only of a failed check. */
  problem: problemSchema.optional(),
});
export type Check = z.infer<typeof checkSchema>;

/** What a list of checks may be narrowed to; all that is given must hold. */
export const checkFilterSchema = z.strictObject({
  status: checkStatusSchema.optional(),
  verdict: verdictSchema.optional(),
  library: nameSchema.optional(),
  /** `none`: the verdict is `review`, and nobody has decided. */
  decision: z.enum(["none", "confirmed", "rejected"]).optional(),
  created_after: timeSchema.optional(),
  created_before: timeSchema.optional(),
});
export type CheckFilter = z.infer<typeof checkFilterSchema>;

/** A check in a list; its own address has the matches, and the explanation where one was asked for. */
export const listedCheckSchema = checkSchema.omit({ matches: true, explanation: true });
export type ListedCheck = z.infer<typeof listedCheckSchema>;
