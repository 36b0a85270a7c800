// The references most like a video, without a verdict; nothing is written down.

import {
  createSearchSchema,
  MOST_RESULTS,
  type SearchOptions,
  searchOptionsSchema,
} from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { requireScope } from "../auth/authenticate.ts";
import { readSubmission } from "../ingest/submission.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { contentTypeOf, parseWith, readJson } from "../platform/http/json-body.ts";
import { LONGEST_WAIT_S, preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { search as searchLibrary } from "./search.ts";
import type { AskedVideo } from "./subject.ts";

/** As the query string has them, beside the bytes of a video. */
export const searchQuerySchema = searchOptionsSchema.extend({
  size: z.coerce.number().int().min(1).max(MOST_RESULTS).default(10),
});

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

export const search = new Hono<AppEnv>()
  .post("/", requireScope("checks:write"), async (c) => {
    const { library, size, query } = await readSearch(c);
    const asking = { tenant: c.get("caller").tenant, waitMs: preferredWaitMs(c, LONGEST_WAIT_S) };
    const searching = searchLibrary(requestContextOf(c.env, c.executionCtx), {
      ...asking,
      library,
      size,
      query,
    });
    const results = (await untilDone(c, searching)).map(({ found, row }) => ({
      ...found,
      metadata: JSON.parse(row.metadata),
    }));
    return c.json({ library, results });
  })
  .all("/", onlyMethods("POST"));
