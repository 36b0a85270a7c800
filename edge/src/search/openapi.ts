import { referenceIdSchema, searchOptionsSchema, searchSchema, urlSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import type { Operation } from "../platform/openapi/operation.ts";
import { questionWaitHeader, VIDEO_PROBLEMS, videoBody } from "../platform/openapi/video-input.ts";

/** What createSearchSchema accepts, said as two shapes. */
const searchBody = z.union([
  searchOptionsSchema.extend({ url: urlSchema }),
  searchOptionsSchema.extend({ reference_id: referenceIdSchema }),
]);

export const SEARCH_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/search",
    id: "search",
    tag: "Search",
    summary: "The references most like a video, with the stretches they share",
    description:
      "Give a `url`, the `reference_id` of one of the library's own references, or the bytes with the options in " +
      "the query string. There is no verdict, and nothing is written down. Where the wait ends first, send the " +
      "same again: it joins what is under way.",
    scope: "checks:write",
    query: searchOptionsSchema.partial(),
    headers: questionWaitHeader,
    body: videoBody(searchBody),
    answers: {
      200: { description: "The references, best first.", schema: searchSchema.meta({ id: "Search" }) },
    },
    problems: [...VIDEO_PROBLEMS, "reference_not_found", "analysis_timeout"],
  },
];
