import { z } from "zod";
import { matrixSchema } from "./explanation.ts";
import { segmentSchema, verdictSchema } from "./match.ts";
import { DEFAULT_LIBRARY, nameSchema, referenceIdSchema, urlSchema } from "./primitives.ts";

export const comparedVideoSchema = z.union(
  [
    z.strictObject({ url: urlSchema }),
    z.strictObject({ reference_id: referenceIdSchema, library: nameSchema.default(DEFAULT_LIBRARY) }),
  ],
  { error: "give either a url or a reference_id, with its library where that is not the default one" },
);
export type ComparedVideo = z.infer<typeof comparedVideoSchema>;

/** `POST /v1/comparisons`. */
export const createComparisonSchema = z.strictObject({ a: comparedVideoSchema, b: comparedVideoSchema });
export type CreateComparison = z.infer<typeof createComparisonSchema>;

export const comparisonSchema = z.object({
  /** That of the surest segment; 1 for the very same coded pictures, 0 when nothing runs alike. */
  score: z.number().min(0).max(1),
  /** Whether `a` is a copy of `b`, by the default policy. */
  verdict: verdictSchema,
  /** Stretches of `a` (`query`) that show stretches of `b` (`reference`). */
  segments: z.array(segmentSchema),
  durations: z.object({ a_s: z.number(), b_s: z.number() }),
  /** `a` down, `b` across; null when one of the two shows nothing. */
  matrix: matrixSchema.nullable(),
});
export type Comparison = z.infer<typeof comparisonSchema>;
