import { z } from "zod";
import { policyInputSchema, versionedPolicySchema } from "./policy.ts";
import { nameSchema } from "./primitives.ts";

const descriptionSchema = z.string().max(1000, "a description may have at most 1000 characters");

/** `POST /v1/libraries`. */
export const createLibrarySchema = z.strictObject({
  name: nameSchema,
  description: descriptionSchema.default(""),
  /** The default policy unless given. */
  policy: policyInputSchema.optional(),
});
export type CreateLibrary = z.infer<typeof createLibrarySchema>;

/** `PATCH /v1/libraries/{name}`. The policy has an address of its own. */
export const patchLibrarySchema = z.strictObject({ description: descriptionSchema });

/** A library as the API answers it. */
export const librarySchema = z.object({
  name: nameSchema,
  description: z.string(),
  /** Those that are being added, too. */
  references: z.int().min(0),
  policy: versionedPolicySchema,
  /** Null of a library that nobody created: it came with its first reference, or is the default one. */
  created_at: z.iso.datetime().nullable(),
});
export type Library = z.infer<typeof librarySchema>;
