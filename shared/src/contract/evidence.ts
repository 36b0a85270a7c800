// What a verdict was made from, kept so that other thresholds can be tried on it later.

import { z } from "zod";
import { segmentSchema } from "./match.ts";
import { referenceIdSchema } from "./primitives.ts";

/** All stretches that a candidate shares with the query, those below every threshold, too. */
export const evidenceSchema = z.object({
  query_duration_s: z.number().positive(),
  candidates: z.array(
    z.object({
      reference_id: referenceIdSchema,
      duration_s: z.number().positive(),
      segments: z.array(segmentSchema),
    }),
  ),
});
export type Evidence = z.infer<typeof evidenceSchema>;
