// The contract of the video similarity service that Twinframe takes the place of: its paths and field names, our
// questions and references. It has one index; here the query parameter `library` may name another.

import {
  compatPairSchema,
  compatQuerySchema,
  compatSearchSchema,
  compatVideoSchema,
} from "@twinframe/shared/contract";
import { Hono } from "hono";
import { requireScope } from "../auth/authenticate.ts";
import { ensureLibrary } from "../libraries/index.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJsonOr } from "../platform/http/json-body.ts";
import { LONGEST_WAIT_S, preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { addByUrl, addressOf } from "../references/index.ts";
import { compare, describeVideo, search } from "../search/index.ts";

const byUrl = (url: string) => ({ kind: "url" as const, url });
const libraryOf = (c: AppContext) => parseWith(compatQuerySchema, c.req.query()).library;
const askingOf = (c: AppContext) => ({
  tenant: c.get("caller").tenant,
  waitMs: preferredWaitMs(c, LONGEST_WAIT_S),
});

async function similarVideos(c: AppContext): Promise<Response> {
  // A GET's body where the client and all between pass one on.
  const { video_url, size } = parseWith(compatSearchSchema, await readJsonOr(c, c.req.query()));
  const request = { ...askingOf(c), library: libraryOf(c), size, query: byUrl(video_url) };
  const results = await untilDone(c, search(requestContextOf(c.env, c.executionCtx), request));
  const videos = results.map(({ found, row }) => ({ video_url: addressOf(row), score: found.score }));
  return c.json({ videos });
}

export const similarityCompat = new Hono<AppEnv>()
  .post("/get_video_vector", requireScope("checks:write"), async (c) => {
    const { video_url } = parseWith(compatVideoSchema, await readJsonOr(c, c.req.query()));
    const describing = describeVideo(requestContextOf(c.env, c.executionCtx), askingOf(c), byUrl(video_url));
    const frames = await untilDone(c, describing);
    const named = frames.map(({ vector }, i) => [`image_${String(i + 1).padStart(3, "0")}`, vector]);
    return c.json({ video_vectors: Object.fromEntries(named) });
  })
  .all("/get_video_vector", onlyMethods("POST"))
  .post("/insert_video_vector", requireScope("references:write"), async (c) => {
    const { video_url } = parseWith(compatVideoSchema, await readJsonOr(c, c.req.query()));
    const submission = { ...askingOf(c), library: libraryOf(c), url: video_url };
    const result = await untilDone(c, addByUrl(requestContextOf(c.env, c.executionCtx), submission));
    return c.json({ result });
  })
  .all("/insert_video_vector", onlyMethods("POST"))
  .get("/search_similarity_videos", requireScope("checks:write"), similarVideos)
  .post("/search_similarity_videos", requireScope("checks:write"), similarVideos)
  .all("/search_similarity_videos", onlyMethods("GET", "POST"))
  .post("/video_similarity", requireScope("checks:write"), async (c) => {
    const { video_url_1, video_url_2 } = parseWith(compatPairSchema, await readJsonOr(c, c.req.query()));
    const context = requestContextOf(c.env, c.executionCtx);
    const comparing = compare(context, askingOf(c), byUrl(video_url_1), byUrl(video_url_2));
    return c.json({ score: (await untilDone(c, comparing)).score });
  })
  .all("/video_similarity", onlyMethods("POST"))
  .post("/create_opensearch_index", requireScope("references:write"), async (c) => {
    const name = libraryOf(c);
    await ensureLibrary(requestContextOf(c.env, c.executionCtx), c.get("caller").tenant, name);
    return c.json({ acknowledged: true, index: name });
  })
  .all("/create_opensearch_index", onlyMethods("POST"));
