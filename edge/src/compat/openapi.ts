import { urlSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import type { Operation } from "../platform/openapi/operation.ts";
import { VIDEO_PROBLEMS, waitHeader } from "../platform/openapi/video-input.ts";

export const COMPAT_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/check-video-duplicate",
    id: "checkVideoDuplicate",
    tag: "Compatible",
    summary: "As the duplicate service for short videos answered it",
    description:
      "The id of a video is its URL's last path segment without the extension. A unique video joins the library. One that could not be seen whole, and in which nothing was found, is 422 not_fully_seen.",
    scope: "checks:write",
    alsoScope: "references:write",
    headers: waitHeader,
    body: { "application/json": z.object({ url: urlSchema }) },
    answers: {
      200: {
        description: "Whether it is a copy, and of which video.",
        schema: z.object({ is_duplicate: z.boolean(), duplicate_for: z.string() }),
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
  },
];
