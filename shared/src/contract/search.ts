import { z } from "zod";
import { matchSchema } from "./match.ts";
import { DEFAULT_LIBRARY, nameSchema, referenceIdSchema, urlSchema } from "./primitives.ts";

export const MOST_RESULTS = 100;

/** What a search may be told, besides what it looks for. */
export const searchOptionsSchema = z.strictObject({
  library: nameSchema.default(DEFAULT_LIBRARY),
  /** References in the answer, at most. */
  size: z.int().min(1).max(MOST_RESULTS).default(10),
});
export type SearchOptions = z.infer<typeof searchOptionsSchema>;

/** `POST /v1/search` with a JSON body: one of `url` and `reference_id`. */
export const createSearchSchema = searchOptionsSchema
  .extend({ url: urlSchema.optional(), reference_id: referenceIdSchema.optional() })
  .refine(({ url, reference_id }) => (url === undefined) !== (reference_id === undefined), {
    error: "give either url or reference_id",
  });
export type CreateSearch = z.infer<typeof createSearchSchema>;

/** A match without a verdict. */
export const searchResultSchema = matchSchema.omit({ verdict: true });
export type SearchResult = z.infer<typeof searchResultSchema>;

/** Best first. */
export const searchSchema = z.object({ library: nameSchema, results: z.array(searchResultSchema) });
export type Search = z.infer<typeof searchSchema>;
