// What is alike in every operation that takes a video.

import type { ProblemCode } from "@twinframe/shared/problem";
import { z } from "zod";

/** The body: JSON that names a URL, or the bytes themselves. */
export const videoBody = (schema: z.ZodType) => ({
  required: true,
  content: { "application/json": { schema }, "video/mp4": {}, "application/octet-stream": {} },
});

export const waitHeader = z.object({
  prefer: z.string().optional().meta({
    description: "`wait=N`: how many seconds to wait for the outcome (RFC 7240), at most 60.",
    example: "wait=30",
  }),
});

/** What can be wrong with an upload that is to be used. */
export const UPLOAD_PROBLEMS: ProblemCode[] = ["upload_not_found", "upload_incomplete", "sha256_mismatch"];

/** What can be wrong with a video, or with where it is. */
export const VIDEO_PROBLEMS: ProblemCode[] = [
  "invalid_url",
  "source_address_refused",
  "object_not_found",
  "upload_timeout",
  "video_too_large",
  "unsupported_media_type",
  "unsupported_codec",
  "not_a_video",
  "empty_video",
  "unreadable_video",
  "truncated_video",
  "too_many_video_streams",
  "no_video_stream",
  "zero_duration",
  "video_too_long",
  "media_limit_exceeded",
  "analysis_crashed",
  "source_rejected",
  "too_many_redirects",
  "source_timeout",
  "source_failed",
  "index_unavailable",
  "index_full",
  "overloaded",
];

/** Of questions, which are answered in one request or asked again. */
export const questionWaitHeader = z.object({
  prefer: z.string().optional().meta({
    description: "`wait=N`: how many seconds to wait (RFC 7240), 60 unless told otherwise, and at most.",
    example: "wait=30",
  }),
});
