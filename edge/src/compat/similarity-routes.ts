// The contract of the video similarity service that Twinframe takes the place of: its paths and field names, our
// questions and references. It has one index; here the query parameter `library` may name another. Its clients send
// what they ask as JSON of any content type, or in the query string, so that the handlers read it themselves.

import {
  compatPairSchema,
  compatQuerySchema,
  compatSearchSchema,
  compatVideoSchema,
  urlSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { ensureLibrary } from "../libraries/index.ts";
import type { AppContext } from "../platform/http/http-types.ts";
import { parseWith, readJsonOr } from "../platform/http/json-body.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { LONGEST_WAIT_S, preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { Api } from "../platform/openapi/api.ts";
import { json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { questionWaitHeader, VIDEO_PROBLEMS } from "../platform/openapi/video-input.ts";
import { addByUrl, addressOf } from "../references/index.ts";
import { compare, describeVideo, search } from "../search/index.ts";

const headers = questionWaitHeader;
const problems = [...VIDEO_PROBLEMS, "not_fully_seen", "analysis_timeout"] as const;
const similar = {
  description: "Best first.",
  content: json(z.object({ videos: z.array(z.object({ video_url: z.string(), score: z.number() })) })),
};

const byUrl = (url: string) => ({ kind: "url" as const, url });
const askingOf = (c: AppContext) => ({ tenant: tenantOf(c), waitMs: preferredWaitMs(c, LONGEST_WAIT_S) });
/** A GET's body, too, where the client and all between pass one on. */
const read = async <Schema extends z.ZodType>(c: AppContext, schema: Schema) =>
  parseWith(schema, await readJsonOr(c, c.req.query()));

async function similarVideos(c: AppContext, library: string) {
  const { video_url, size } = await read(c, compatSearchSchema);
  const request = { ...askingOf(c), library, size, query: byUrl(video_url) };
  const results = await untilDone(c, search(contextOf(c), request));
  const videos = results.map(({ found, row }) => ({ video_url: addressOf(row), score: found.score }));
  return c.json({ videos }, 200);
}

export const similarityCompat = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/get_video_vector",
      operationId: "getVideoVector",
      tags: ["Compatible"],
      summary: "As the video similarity service: a video's frame vectors",
      description: "At most 1,000 frames, evenly picked. `video_url` is http, https or s3://.",
      ...needs("checks:write"),
      request: { headers },
      described: { body: jsonBody(compatVideoSchema) },
      responses: {
        200: {
          description: "One vector a frame.",
          content: json(z.object({ video_vectors: z.record(z.string(), z.array(z.number())) })),
        },
      },
      problems,
    }),
    async (c) => {
      const { video_url } = await read(c, compatVideoSchema);
      const frames = await untilDone(c, describeVideo(contextOf(c), askingOf(c), byUrl(video_url)));
      const named = frames.map(({ vector }, i) => [`image_${String(i + 1).padStart(3, "0")}`, vector]);
      return c.json({ video_vectors: Object.fromEntries(named) }, 200);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/insert_video_vector",
      operationId: "insertVideoVector",
      tags: ["Compatible"],
      summary: "As the video similarity service: add a video",
      description: "It is a reference like any other; its id is made from the URL.",
      ...needs("references:write"),
      request: { query: compatQuerySchema, headers },
      described: { body: jsonBody(compatVideoSchema) },
      responses: {
        200: {
          description: "How many vectors it has in the index.",
          content: json(z.object({ result: z.int().min(0) })),
        },
      },
      problems: [...problems, "reference_id_conflict"],
    }),
    async (c) => {
      const { video_url } = await read(c, compatVideoSchema);
      const submission = { ...askingOf(c), library: c.req.valid("query").library, url: video_url };
      return c.json({ result: await untilDone(c, addByUrl(contextOf(c), submission)) }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/search_similarity_videos",
      operationId: "searchSimilarityVideos",
      tags: ["Compatible"],
      summary: "As the video similarity service: the most similar videos",
      description:
        "A JSON body is read too, where the client and all between pass one on with GET; else use the query " +
        "string, or POST.",
      ...needs("checks:write"),
      request: { query: compatQuerySchema, headers },
      described: {
        query: compatQuerySchema.extend({ video_url: urlSchema, size: compatSearchSchema.shape.size }),
      },
      responses: { 200: similar },
      problems: [...problems, "malformed_json", "request_too_large"],
    }),
    (c) => similarVideos(c, c.req.valid("query").library),
  )
  .serve(
    createRoute({
      method: "post",
      path: "/search_similarity_videos",
      operationId: "postSearchSimilarityVideos",
      tags: ["Compatible"],
      summary: "The same with a body",
      ...needs("checks:write"),
      request: { query: compatQuerySchema, headers },
      described: { body: jsonBody(compatSearchSchema) },
      responses: { 200: similar },
      problems,
    }),
    (c) => similarVideos(c, c.req.valid("query").library),
  )
  .serve(
    createRoute({
      method: "post",
      path: "/video_similarity",
      operationId: "videoSimilarity",
      tags: ["Compatible"],
      summary: "As the video similarity service: how alike two videos are",
      ...needs("checks:write"),
      request: { headers },
      described: { body: jsonBody(compatPairSchema) },
      responses: {
        200: { description: "0 to 1.", content: json(z.object({ score: z.number().min(0).max(1) })) },
      },
      problems,
    }),
    async (c) => {
      const { video_url_1, video_url_2 } = await read(c, compatPairSchema);
      const comparing = compare(contextOf(c), askingOf(c), byUrl(video_url_1), byUrl(video_url_2));
      return c.json({ score: (await untilDone(c, comparing)).score }, 200);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/create_opensearch_index",
      operationId: "createIndex",
      tags: ["Compatible"],
      summary: "As the video similarity service: make the index if it is not there",
      ...needs("references:write"),
      request: { query: compatQuerySchema },
      described: { body: jsonBody(z.object({})) },
      responses: {
        200: {
          description: "It is there.",
          content: json(z.object({ acknowledged: z.boolean(), index: z.string() })),
        },
      },
    }),
    async (c) => {
      const { library } = c.req.valid("query");
      await ensureLibrary(contextOf(c), tenantOf(c), library);
      return c.json({ acknowledged: true, index: library }, 200);
    },
  );
