// How a video comes in, the same for references and checks: a JSON body that names a URL, or the bytes
// themselves with the options in the query string.

import { urlSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { z } from "zod";
import { declaredLength, type VideoOrigin } from "../intake/video-origin.ts";
import type { AppContext } from "../middleware/http-types.ts";
import { parseWith, readJson } from "./json-body.ts";

/** Text that stands for a truth value; other text is left to the schema, which refuses it. */
const FLAGS = new Map([
  ["true", true],
  ["false", false],
]);

function optionsInQuery(c: AppContext): Record<string, unknown> {
  const { metadata, explain, ...others } = c.req.query();
  const options = { ...others, ...(explain === undefined ? {} : { explain: FLAGS.get(explain) ?? explain }) };
  if (metadata === undefined) return options;
  try {
    return { ...options, metadata: JSON.parse(metadata) };
  } catch {
    throw new ProblemError("invalid_request", "Write the query parameter metadata as JSON.", {
      errors: [{ pointer: "/metadata", detail: "is not valid JSON" }],
    });
  }
}

export const contentTypeOf = (c: AppContext): string =>
  (c.req.header("content-type") ?? "").split(";")[0]!.trim().toLowerCase();

export async function readSubmission<Shape extends z.ZodRawShape>(
  c: AppContext,
  optionsSchema: z.ZodObject<Shape, z.core.$strict>,
): Promise<{ options: z.infer<z.ZodObject<Shape, z.core.$strict>>; origin: VideoOrigin }> {
  const type = contentTypeOf(c);
  if (type === "application/json") {
    const body = parseWith(optionsSchema.extend({ url: urlSchema }), await readJson(c));
    const { url, ...options } = body as { url: string };
    return { options: options as never, origin: { kind: "url", url } };
  }
  if (type === "application/octet-stream" || type.startsWith("video/")) {
    const options = parseWith(optionsSchema, optionsInQuery(c));
    const { body, headers } = c.req.raw;
    return { options, origin: { kind: "upload", body, declaredBytes: declaredLength(headers) } };
  }
  throw new ProblemError(
    "unsupported_media_type",
    'Send JSON such as {"url": "https://…"} with Content-Type: application/json, or the video\'s bytes with ' +
      "Content-Type: video/mp4 (any video/*) or application/octet-stream.",
  );
}
