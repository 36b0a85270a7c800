// What a verdict was made from, kept so that other thresholds can be tried on it later.

import { z } from "zod";
import { segmentSchema } from "./match.ts";
import { referenceIdSchema } from "./primitives.ts";

export const EVIDENCE_CANDIDATES = 10;
export const EVIDENCE_SEGMENTS = 20;
/** Segments that score less are left out: thresholds below cannot be tried. */
export const EVIDENCE_LEAST_SCORE = 0.05;

/** The stretches that the best candidates share with the query, those below the thresholds in force, too. */
export const evidenceSchema = z.object({
  query_duration_s: z.number().positive(),
  candidates: z
    .array(
      z.object({
        reference_id: referenceIdSchema,
        duration_s: z.number().positive(),
        segments: z.array(segmentSchema).max(EVIDENCE_SEGMENTS),
      }),
    )
    .max(EVIDENCE_CANDIDATES),
});
export type Evidence = z.infer<typeof evidenceSchema>;
