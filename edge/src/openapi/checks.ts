import { checkBodySchema, checkOptionsSchema, checkSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import type { Operation } from "./operation.ts";
import { UPLOAD_PROBLEMS, VIDEO_PROBLEMS, videoBody, waitHeader } from "./video-input.ts";

const tag = "Checks";
const check = checkSchema.meta({ id: "Check" });

export const CHECK_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/checks", id: "createCheck", tag },
    summary: "Is this video a copy?",
    description:
      "Give a URL or an upload as JSON, or the bytes with the options in the query string. With a SHA-256 alone the answer is a duplicate by exact bytes, or the problem `content_unknown`.",
    scope: "checks:write",
    query: checkOptionsSchema.partial(),
    headers: waitHeader,
    body: videoBody(checkBodySchema),
    answers: {
      200: { description: "The verdict.", schema: check },
      202: {
        description: "Still at work: ask again at `location`.",
        schema: check,
        headers: {
          location: "Where the verdict will be.",
          "retry-after": "Seconds until asking makes sense.",
        },
      },
    },
    problems: [...VIDEO_PROBLEMS, ...UPLOAD_PROBLEMS, "reference_id_conflict", "content_unknown"],
  },
  {
    ...{ method: "get", path: "/v1/checks/{id}", id: "getCheck", tag },
    summary: "A check and its verdict",
    scope: "checks:write",
    parameters: z.object({ id: z.string() }),
    answers: { 200: { description: "The check.", schema: check } },
    problems: ["check_not_found"],
  },
];
