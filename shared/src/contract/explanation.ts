// Why a check came out as it did: what was looked at, what it was compared with, and which rule decided. Only
// of checks that asked for it.

import { z } from "zod";
import { segmentSchema, verdictSchema } from "./match.ts";
import { referenceIdSchema } from "./primitives.ts";

export const EXPLAINED_CANDIDATES = 5;
/** Of each candidate; with the matrices an explanation stays within half a megabyte. */
export const EXPLAINED_SEGMENTS = 32;
/** Pixels of the longer side, and bytes of the PNG. */
export const MATRIX_MAX_SIDE = 256;
export const MATRIX_MAX_BYTES = 65_536;

/** What decides a verdict; the sentence that comes with it has the numbers. */
export const RULES = [
  /** duplicate: the file is the reference's, byte by byte. */
  "same_bytes",
  /** duplicate: the coded pictures are the reference's. */
  "same_packets",
  /** duplicate: what is scored as a copy covers enough of the query. */
  "segments_cover_query",
  /** partial_copy: it covers less, but enough seconds. */
  "segments_long_enough",
  /** review: something is scored as a copy, for too few seconds. */
  "segments_too_short",
  /** review: nothing is scored as a copy, but something as doubtful. */
  "score_below_copy",
  /** unique: no segment's score counts. */
  "score_below_review",
  /** unique: no stretch runs alike for long enough. */
  "no_segment",
] as const;
export const ruleSchema = z.enum(RULES);
export type Rule = z.infer<typeof ruleSchema>;

/** One way the query was looked at; a view that led to something comes again, with all its frames. */
export const lookSchema = z.object({
  /** `whole`, `mirrored`, `left_half` … */
  view: z.string(),
  frames: z.int().min(0),
  /** References that this look was aligned with. */
  references: z.int().min(0),
});
export type ExplainedLook = z.infer<typeof lookSchema>;

export const explainedSegmentSchema = segmentSchema.extend({
  /** The look that found it; null when no picture was looked at. */
  view: z.string().nullable(),
  /** What the score was made of, by name: `similarity`, `motion`, `frames` and what else the alignment measures. */
  evidence: z.record(z.string(), z.number()).nullable(),
});
export type ExplainedSegment = z.infer<typeof explainedSegmentSchema>;

/**
 * The similarity of every moment of the query (down) with every one of the reference (across), the brighter the
 * more alike, with the view's segments: red, solid from the copy score on, dashed below it.
 */
export const matrixSchema = z.object({
  png_base64: z.base64().max(Math.ceil(MATRIX_MAX_BYTES / 3) * 4),
  width: z.int().min(1).max(MATRIX_MAX_SIDE),
  height: z.int().min(1).max(MATRIX_MAX_SIDE),
  /** Seconds that the height and the width stand for. */
  query_s: z.number().min(0),
  reference_s: z.number().min(0),
  view: z.string(),
});
export type ExplainedMatrix = z.infer<typeof matrixSchema>;

export const explainedCandidateSchema = z.object({
  reference_id: referenceIdSchema,
  verdict: verdictSchema,
  rule: ruleSchema,
  reason: z.string(),
  best_score: z.number().min(0).max(1),
  /** The surest, in the query's order; also those whose score is below every threshold. */
  segments: z.array(explainedSegmentSchema).max(EXPLAINED_SEGMENTS),
  /** Of the view that found the best segment; null when no pictures were compared. */
  matrix: matrixSchema.nullable(),
});
export type ExplainedCandidate = z.infer<typeof explainedCandidateSchema>;

export const explanationSchema = z.object({
  /** In order; empty when no picture was looked at. */
  looks: z.array(lookSchema),
  /** What was looked at within the query's bars, in shares of its sides from the top left; null: see `looks`. */
  box: z.object({ left: z.number(), top: z.number(), right: z.number(), bottom: z.number() }).nullable(),
  /** Null when the exact bytes were known, which needs no model and no thresholds. */
  model: z.object({ id: z.string(), version: z.string(), frame_similarity_floor: z.number() }).nullable(),
  policy: z.record(z.string(), z.number()).nullable(),
  /** Best first. */
  candidates: z.array(explainedCandidateSchema).max(EXPLAINED_CANDIDATES),
  /** Why there are no candidates; or what decided beside them: that the video was not seen whole. */
  reason: z.string().optional(),
});
export type Explanation = z.infer<typeof explanationSchema>;
