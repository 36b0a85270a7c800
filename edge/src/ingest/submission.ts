// How a video comes in, the same for references and checks: a JSON body that names a URL or an upload, or
// the bytes themselves with the options in the query string.

import { sha256Schema, uploadIdSchema, urlSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { z } from "zod";
import type { AppContext } from "../platform/http/http-types.ts";
import { contentTypeOf, parseWith, readJson } from "../platform/http/json-body.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { uploadedVideo } from "./uploaded-video.ts";
import { type DeclaredContent, declaredLength, type VideoOrigin } from "./video-origin.ts";

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

/** What a JSON body may name: one of these. */
const SOURCES = { url: urlSchema, upload_id: uploadIdSchema, sha256: sha256Schema };
type SourceName = keyof typeof SOURCES;

/** The first of `names` that the body has; with none of them, the URL is what is missing. */
function sourceIn(json: unknown, names: readonly SourceName[]): SourceName {
  const isObject = typeof json === "object" && json !== null;
  return names.find((name) => isObject && Object.hasOwn(json, name)) ?? "url";
}

async function originOf(c: AppContext, name: SourceName, value: string) {
  if (name === "url") return { kind: "url" as const, url: value };
  if (name === "sha256") return { kind: "declared" as const, sha256: value };
  return uploadedVideo(requestContextOf(c.env, c.executionCtx), c.get("caller").tenant, value);
}

type Options<Shape extends z.ZodRawShape> = z.ZodObject<Shape, z.core.$strict>;

async function read<Shape extends z.ZodRawShape>(
  c: AppContext,
  optionsSchema: Options<Shape>,
  names: readonly SourceName[],
  permit: (options: z.infer<Options<Shape>>) => void = () => {},
): Promise<{ options: z.infer<Options<Shape>>; origin: VideoOrigin | DeclaredContent }> {
  const type = contentTypeOf(c);
  if (type === "application/json") {
    const json = await readJson(c);
    const name = sourceIn(json, names);
    const body = parseWith(optionsSchema.extend({ [name]: SOURCES[name] }), json);
    const { [name]: value, ...options } = body as Record<SourceName, string>;
    permit(options as never);
    return { options: options as never, origin: await originOf(c, name, value) };
  }
  if (type === "application/octet-stream" || type.startsWith("video/")) {
    const options = parseWith(optionsSchema, optionsInQuery(c));
    permit(options);
    const { body, headers } = c.req.raw;
    const noteBody = c.get("noteBody");
    return { options, origin: { kind: "upload", body, declaredBytes: declaredLength(headers), noteBody } };
  }
  throw new ProblemError(
    "unsupported_media_type",
    'Send JSON such as {"url": "https://…"} with Content-Type: application/json, or the video\'s bytes with ' +
      "Content-Type: video/mp4 (any video/*) or application/octet-stream.",
  );
}

/** A video that is here, comes, or can be fetched. */
export async function readSubmission<Shape extends z.ZodRawShape>(
  c: AppContext,
  optionsSchema: Options<Shape>,
) {
  const { options, origin } = await read(c, optionsSchema, ["url", "upload_id"]);
  if (origin.kind === "declared") throw new Error("a hash is no video");
  return { options, origin };
}

/** A video, or the SHA-256 of one that is perhaps known. `permit` throws at options that this caller may not ask for. */
export const readSubmissionOrHash = <Shape extends z.ZodRawShape>(
  c: AppContext,
  optionsSchema: Options<Shape>,
  permit: (options: z.infer<Options<Shape>>) => void,
) => read(c, optionsSchema, ["url", "upload_id", "sha256"], permit);
