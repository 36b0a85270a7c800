// What the video similarity service that Twinframe takes the place of was asked with. Its clients may send more
// than we know of.

import { z } from "zod";
import { DEFAULT_LIBRARY, nameSchema, urlSchema } from "./primitives.ts";
import { MOST_RESULTS } from "./search.ts";

export const compatVideoSchema = z.object({ video_url: urlSchema });
export const compatSearchSchema = compatVideoSchema.extend({
  size: z.coerce.number().int().min(1).max(MOST_RESULTS).default(10),
});
export const compatPairSchema = z.object({ video_url_1: urlSchema, video_url_2: urlSchema });
/** It has one index; ours may be named. */
export const compatQuerySchema = z.object({ library: nameSchema.default(DEFAULT_LIBRARY) });
