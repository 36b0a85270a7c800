import { z } from "zod";
import {
  DEFAULT_LIBRARY,
  metadataSchema,
  nameSchema,
  referenceIdSchema,
  sha256Schema,
  timeSchema,
  uploadIdSchema,
  urlSchema,
} from "./primitives.ts";

/** Names a reference within the installation. */
export interface ReferenceKey {
  tenant: string;
  library: string;
  id: string;
}

/** What a new reference may be told, besides where the video is. */
export const referenceOptionsSchema = z.strictObject({
  id: referenceIdSchema.optional(),
  library: nameSchema.default(DEFAULT_LIBRARY),
  metadata: metadataSchema.default({}),
  /** Told when the reference is ready, or that it failed, beside the tenant's endpoints. */
  webhook_url: urlSchema.optional(),
});
export type ReferenceOptions = z.infer<typeof referenceOptionsSchema>;

/** `POST /v1/references` with a JSON body that names a URL. */
export const createReferenceSchema = referenceOptionsSchema.extend({ url: urlSchema });
export type CreateReference = z.infer<typeof createReferenceSchema>;

/** The JSON body names a URL or a completed upload. */
export const referenceBodySchema = z.union([
  createReferenceSchema,
  referenceOptionsSchema.extend({ upload_id: uploadIdSchema }),
]);

export const referenceStatusSchema = z.enum(["indexing", "ready", "disabled"]);

/** A reference as the API answers it. `indexing` ones take part in no verdict yet, `disabled` ones in none. */
export const referenceSchema = z.object({
  id: referenceIdSchema,
  library: nameSchema,
  status: referenceStatusSchema,
  sha256: sha256Schema,
  duration_s: z.number().nullable(),
  /** Of them, those that were seen when it was indexed; null for references from before this was kept. */
  seen_s: z.number().nullable(),
  frames: z.int().nullable(),
  created_at: z.iso.datetime(),
  metadata: metadataSchema,
});
export type Reference = z.infer<typeof referenceSchema>;

/** `PATCH /v1/references/{id}`: a JSON merge patch (RFC 7396); what is null goes. */
export const patchReferenceSchema = z.strictObject({
  metadata: z.record(z.string(), z.json()).nullable().optional(),
});
export type PatchReference = z.infer<typeof patchReferenceSchema>;

/** What a list of references may be narrowed to, besides `metadata.KEY=VALUE`; all that is given must hold. */
export const referenceFilterSchema = z.strictObject({
  library: nameSchema.default(DEFAULT_LIBRARY),
  status: referenceStatusSchema.optional(),
  created_after: timeSchema.optional(),
  created_before: timeSchema.optional(),
});
export type ReferenceFilter = z.infer<typeof referenceFilterSchema>;
