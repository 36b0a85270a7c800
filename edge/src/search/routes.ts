// The references most like a video, without a verdict; nothing is written down.

import {
  createSearchSchema,
  MOST_RESULTS,
  referenceIdSchema,
  type SearchOptions,
  searchOptionsSchema,
  searchSchema,
  urlSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { readSubmission } from "../ingest/submission.ts";
import type { AppContext } from "../platform/http/http-types.ts";
import { contentTypeOf, parseWith, readJson } from "../platform/http/json-body.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { LONGEST_WAIT_S, preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { Api } from "../platform/openapi/api.ts";
import { json } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { questionWaitHeader, VIDEO_PROBLEMS, videoBody } from "../platform/openapi/video-input.ts";
import { search as searchLibrary } from "./search.ts";
import type { AskedVideo } from "./subject.ts";

/** As the query string has them, beside the bytes of a video. */
const searchQuerySchema = searchOptionsSchema.extend({
  size: z.coerce.number().int().min(1).max(MOST_RESULTS).default(10),
});

/** What createSearchSchema accepts, said as two shapes. */
const searchBody = z.union([
  searchOptionsSchema.extend({ url: urlSchema }),
  searchOptionsSchema.extend({ reference_id: referenceIdSchema }),
]);

async function readSearch(c: AppContext): Promise<SearchOptions & { query: AskedVideo }> {
  if (contentTypeOf(c) !== "application/json") {
    const { options, origin } = await readSubmission(c, searchQuerySchema);
    return { ...options, query: origin };
  }
  const { library, size, url, reference_id: id } = parseWith(createSearchSchema, await readJson(c));
  const query =
    id === undefined ? { kind: "url" as const, url: url! } : { kind: "reference" as const, library, id };
  return { library, size, query };
}

export const search = new Api().serve(
  createRoute({
    method: "post",
    path: "/v1/search",
    operationId: "search",
    tags: ["Search"],
    summary: "The references most like a video, with the stretches they share",
    description:
      "Give a `url`, the `reference_id` of one of the library's own references, or the bytes with the options in " +
      "the query string. There is no verdict, and nothing is written down. Where the wait ends first, send the " +
      "same again: it joins what is under way.",
    ...needs("checks:write"),
    described: {
      query: searchOptionsSchema.partial(),
      headers: questionWaitHeader,
      body: videoBody(searchBody),
    },
    responses: {
      200: {
        description: "The references, best first.",
        content: json(searchSchema.meta({ id: "Search" })),
      },
    },
    problems: [...VIDEO_PROBLEMS, "reference_not_found", "analysis_timeout"],
  }),
  async (c) => {
    const { library, size, query } = await readSearch(c);
    const asking = { tenant: tenantOf(c), waitMs: preferredWaitMs(c, LONGEST_WAIT_S) };
    const searching = searchLibrary(contextOf(c), { ...asking, library, size, query });
    const results = (await untilDone(c, searching)).map(({ found, row }) => ({
      ...found,
      metadata: JSON.parse(row.metadata),
    }));
    return c.json({ library, results }, 200);
  },
);
