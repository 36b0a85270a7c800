import {
  compatPairSchema,
  compatQuerySchema,
  compatSearchSchema,
  compatVideoSchema,
  urlSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import type { Operation } from "../platform/openapi/operation.ts";
import { questionWaitHeader, VIDEO_PROBLEMS } from "../platform/openapi/video-input.ts";

const query = compatQuerySchema.partial();
const headers = questionWaitHeader;
const shared = { tag: "Compatible", scope: "checks:write", headers } as const;
const problems = [...VIDEO_PROBLEMS, "not_fully_seen", "analysis_timeout"] as const;
const similar = {
  description: "Best first.",
  schema: z.object({ videos: z.array(z.object({ video_url: z.string(), score: z.number() })) }),
};

export const SIMILARITY_COMPAT_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    method: "post",
    path: "/get_video_vector",
    id: "getVideoVector",
    summary: "As the video similarity service: a video's frame vectors",
    description: "At most 1,000 frames, evenly picked. `video_url` is http, https or s3://.",
    body: { "application/json": compatVideoSchema },
    answers: {
      200: {
        description: "One vector a frame.",
        schema: z.object({ video_vectors: z.record(z.string(), z.array(z.number())) }),
      },
    },
    problems: [...problems],
  },
  {
    ...shared,
    method: "post",
    path: "/insert_video_vector",
    id: "insertVideoVector",
    summary: "As the video similarity service: add a video",
    description: "It is a reference like any other; its id is made from the URL.",
    scope: "references:write",
    query,
    body: { "application/json": compatVideoSchema },
    answers: {
      200: {
        description: "How many vectors it has in the index.",
        schema: z.object({ result: z.int().min(0) }),
      },
    },
    problems: [...problems, "reference_id_conflict"],
  },
  {
    ...shared,
    method: "get",
    path: "/search_similarity_videos",
    id: "searchSimilarityVideos",
    summary: "As the video similarity service: the most similar videos",
    description:
      "A JSON body is read too, where the client and all between pass one on with GET; else use the query " +
      "string, or POST.",
    query: query.extend({ video_url: urlSchema, size: compatSearchSchema.shape.size.optional() }),
    answers: { 200: similar },
    problems: [...problems, "malformed_json", "request_too_large"],
  },
  {
    ...shared,
    method: "post",
    path: "/search_similarity_videos",
    id: "postSearchSimilarityVideos",
    summary: "The same with a body",
    query,
    body: { "application/json": compatSearchSchema },
    answers: { 200: similar },
    problems: [...problems],
  },
  {
    ...shared,
    method: "post",
    path: "/video_similarity",
    id: "videoSimilarity",
    summary: "As the video similarity service: how alike two videos are",
    body: { "application/json": compatPairSchema },
    answers: { 200: { description: "0 to 1.", schema: z.object({ score: z.number().min(0).max(1) }) } },
    problems: [...problems],
  },
  {
    method: "post",
    path: "/create_opensearch_index",
    id: "createIndex",
    tag: "Compatible",
    summary: "As the video similarity service: make the index if it is not there",
    scope: "references:write",
    query,
    body: { "application/json": z.object({}) },
    answers: {
      200: {
        description: "It is there.",
        schema: z.object({ acknowledged: z.boolean(), index: z.string() }),
      },
    },
  },
];
