import { z } from "zod";
import { metadataSchema, referenceIdSchema } from "./primitives.ts";

/** Best first: `duplicate` (the query is the reference or a stretch of it), `partial_copy` (some of it is). */
export const VERDICTS = ["duplicate", "partial_copy", "review", "unique"] as const;
export const verdictSchema = z.enum(VERDICTS);
export type Verdict = z.infer<typeof verdictSchema>;

export const timeRangeSchema = z.object({ start_s: z.number().min(0), end_s: z.number().min(0) });
export type TimeRange = z.infer<typeof timeRangeSchema>;

/** A stretch of the query that shows a stretch of the reference. */
export const segmentSchema = z.object({
  query: timeRangeSchema,
  reference: timeRangeSchema,
  score: z.number().min(0).max(1),
  /** How much faster the query plays than the reference: 2 means twice as fast. */
  speed: z.number().positive(),
  mirrored: z.boolean(),
});
export type Segment = z.infer<typeof segmentSchema>;

/** One modality's evidence: how much of each side is covered, and where. */
export const visualEvidenceSchema = z.object({
  query_coverage: z.number().min(0).max(1),
  reference_coverage: z.number().min(0).max(1),
  segments: z.array(segmentSchema),
});
export type VisualEvidence = z.infer<typeof visualEvidenceSchema>;

/** A match as the backend finds it. */
export const foundMatchSchema = z.object({
  reference_id: referenceIdSchema,
  verdict: verdictSchema,
  score: z.number().min(0).max(1),
  visual: visualEvidenceSchema,
});
export type FoundMatch = z.infer<typeof foundMatchSchema>;

/** A match as the client sees it: with the reference's metadata. */
export const matchSchema = foundMatchSchema.extend({ metadata: metadataSchema });
export type Match = z.infer<typeof matchSchema>;

export const foundBySchema = z.enum(["exact_bytes", "exact_packets", "content"]);
export type FoundBy = z.infer<typeof foundBySchema>;

/** The verdict of a whole check: that of its best match. */
export function bestVerdict(matches: readonly { verdict: Verdict }[]): Verdict {
  return VERDICTS.find((verdict) => matches.some((match) => match.verdict === verdict)) ?? "unique";
}

/** For sorting: the stronger verdict first, then the higher score. */
export function byStrength(
  a: Pick<FoundMatch, "verdict" | "score">,
  b: Pick<FoundMatch, "verdict" | "score">,
): number {
  return VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) || b.score - a.score;
}
