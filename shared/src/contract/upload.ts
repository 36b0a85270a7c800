import { z } from "zod";
import { problemSchema } from "../problem/index.ts";
import { matchSchema } from "./match.ts";
import { DEFAULT_LIBRARY, nameSchema, sha256Schema } from "./primitives.ts";

/** `POST /v1/uploads`. */
export const createUploadSchema = z.strictObject({
  /** Of the whole file. */
  bytes: z.int().min(1),
  /** Refused at the end if the bytes have another one; until then it is good for `known` only. */
  sha256: sha256Schema.optional(),
  content_type: z
    .string()
    .max(127)
    .regex(/^(video\/[A-Za-z0-9.+-]+|application\/octet-stream)$/, "use video/* or application/octet-stream")
    .optional(),
  /** Where to look for the sha256. */
  library: nameSchema.default(DEFAULT_LIBRARY),
});
export type CreateUpload = z.infer<typeof createUploadSchema>;

/** An upload as the API answers it. */
export const uploadSchema = z.object({
  id: z.string(),
  /** `open`: takes parts; `verifying`: being hashed; `ready`: can be checked and added; `failed`: see `problem`. */
  status: z.enum(["open", "verifying", "ready", "failed"]),
  bytes: z.int(),
  content_type: z.string().nullable(),
  /** Of the bytes that came; null until they are verified. */
  sha256: sha256Schema.nullable(),
  /** Of every part but the last, which has the rest. */
  part_size_bytes: z.int(),
  parts: z.int(),
  received_parts: z.array(z.int()),
  /** Still to be sent, each by PUT to its url: relative to this API, or absolute. */
  missing_parts: z.array(z.object({ part: z.int(), bytes: z.int(), url: z.string() })),
  /** What a PUT must carry: the API key, or nothing but the signed url. */
  put_with: z.enum(["api_key", "signed_url"]),
  created_at: z.iso.datetime(),
  /** Until then it can be completed and used; then it is gone. */
  expires_at: z.iso.datetime(),
  /** Only of a failed one. */
  problem: problemSchema.optional(),
});
export type Upload = z.infer<typeof uploadSchema>;

/** The answer to `POST /v1/uploads`. */
export const createdUploadSchema = uploadSchema.extend({
  /** The library's reference with the declared sha256: the upload can be left out. Null: none is known. */
  known: matchSchema.nullable(),
});
export type CreatedUpload = z.infer<typeof createdUploadSchema>;
