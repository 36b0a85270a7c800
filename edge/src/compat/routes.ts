// The contract of the short-video service that Twinframe takes the place of: its field names, our check.

import {
  checkOptionsSchema,
  notFullySeenSentence,
  referenceIdSchema,
  urlSchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { stillAtWork } from "../backend-client/still-at-work.ts";
import { submitCheck } from "../checks/index.ts";
import { isS3Address } from "../ingest/s3-address.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { LONGEST_WAIT_S, preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { Api } from "../platform/openapi/api.ts";
import { json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { VIDEO_PROBLEMS, waitHeader } from "../platform/openapi/video-input.ts";

/** Its clients may send more than we know of. */
const bodySchema = z.object({ url: urlSchema });

/** The id of a video is the last segment of its URL's path, without the extension. */
export function idOfUrl(url: string): string {
  try {
    const segment = isS3Address(url)
      ? url.split("/").at(-1)!
      : decodeURIComponent(new URL(url).pathname.split("/").at(-1)!);
    return referenceIdSchema.parse(segment.replace(/\.[^.]*$/, ""));
  } catch {
    throw new ProblemError(
      "invalid_url",
      "Give an absolute URL whose last path segment is the video's id, such as https://example.com/ID.mp4.",
    );
  }
}

export const compat = new Api().serve(
  createRoute({
    method: "post",
    path: "/check-video-duplicate",
    operationId: "checkVideoDuplicate",
    tags: ["Compatible"],
    summary: "As the duplicate service for short videos answered it",
    description:
      "The id of a video is its URL's last path segment without the extension. A unique video joins the library. One that could not be seen whole, and in which nothing was found, is 422 not_fully_seen.",
    ...needs("checks:write", { also: "references:write" }),
    request: { headers: waitHeader, body: jsonBody(bodySchema) },
    responses: {
      200: {
        description: "Whether it is a copy, and of which video.",
        content: json(z.object({ is_duplicate: z.boolean(), duplicate_for: z.string() })),
      },
    },
    problems: [
      ...VIDEO_PROBLEMS,
      "not_fully_seen",
      "reference_id_conflict",
      "check_cancelled",
      "check_not_found",
      "analysis_timeout",
    ],
  }),
  async (c) => {
    const { url } = c.req.valid("json");
    const options = checkOptionsSchema.parse({ index: "if_unique", reference_id: idOfUrl(url) });
    const submission = {
      tenant: tenantOf(c),
      options,
      origin: { kind: "url" as const, url },
      waitMs: preferredWaitMs(c, LONGEST_WAIT_S),
      requestId: c.get("requestId"),
    };
    const outcome = await untilDone(c, submitCheck(contextOf(c), submission));
    if (outcome.kind === "accepted") throw stillAtWork();
    const { is_duplicate, duplicate_for, reason, query } = outcome.completed.result;
    // Its answer has no word for "perhaps", and `false` would let the video in.
    if (reason === "not_fully_seen") {
      const { duration_s, seen_s = null, gaps = [] } = query;
      const seen = notFullySeenSentence({ duration_s: duration_s ?? 0, seen_s, gaps });
      throw new ProblemError(
        "not_fully_seen",
        `${seen} Nothing was found in what was seen. Encode it again.`,
      );
    }
    return c.json({ is_duplicate, duplicate_for }, 200);
  },
);
