import { z } from "zod";
import { nameSchema } from "./primitives.ts";
import { scopeSchema } from "./scope.ts";

const keyNameSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[ -~\u00a0-\uffff]*$/, "use 1–100 characters without control characters");

const scopesSchema = z
  .array(scopeSchema)
  .min(1, "give at least one scope")
  .max(20)
  .transform((scopes) => [...new Set(scopes)]);

/** In UTC the year must still have four digits. */
const expirySchema = z.iso
  .datetime({ offset: true, abort: true })
  .refine((time) => new Date(time).toISOString().length === 24, "give a time from the year 0 to 9999, in UTC")
  .nullable();

const limit = (most: number) => z.int().min(1).max(most).nullable().default(null);
/** Requests; null: as many as the service allows a key. */
export const keyLimitsSchema = z.strictObject({
  per_minute: limit(1_000_000),
  per_day: limit(1_000_000_000),
});
export type KeyLimits = z.infer<typeof keyLimitsSchema>;

/** `POST /v1/keys`. */
export const createKeySchema = z.strictObject({
  name: keyNameSchema,
  scopes: scopesSchema,
  expires_at: expirySchema.optional(),
  limits: keyLimitsSchema.optional(),
  /** Only the operator's key may name another than its own. */
  tenant: nameSchema.optional(),
});
export type CreateKey = z.infer<typeof createKeySchema>;

/** `PATCH /v1/keys/{id}`: what is left out stays. */
export const updateKeySchema = z.strictObject({
  name: keyNameSchema.optional(),
  scopes: scopesSchema.optional(),
  expires_at: expirySchema.optional(),
  limits: keyLimitsSchema.optional(),
});
export type UpdateKey = z.infer<typeof updateKeySchema>;

export const MAX_OVERLAP_S = 7 * 24 * 3600;

/** `POST /v1/keys/{id}/rotate`. */
export const rotateKeySchema = z.strictObject({
  /** How long the secret before stays valid. */
  overlap_s: z
    .int()
    .min(0)
    .max(MAX_OVERLAP_S)
    .default(24 * 3600),
});

/** A key as the API answers it: everything but its secret. */
export const keySchema = z.object({
  id: z.string(),
  tenant: nameSchema,
  name: z.string(),
  scopes: z.array(scopeSchema),
  limits: z.object({ per_minute: z.int().nullable(), per_day: z.int().nullable() }),
  status: z.enum(["active", "expired", "revoked"]),
  expires_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  /** To the minute. */
  last_used_at: z.iso.datetime().nullable(),
  /** While two secrets are valid: when the older one ends. */
  previous_secret_expires_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
});
export type Key = z.infer<typeof keySchema>;

/** The same with the secret, which is never shown again. */
export const issuedKeySchema = keySchema.extend({ key: z.string() });

/** Requests of one key on one day (UTC): what was let through, and what met a limit. */
export const usageSchema = z.object({
  day: z.iso.date(),
  key_id: z.string(),
  requests: z.int(),
  rate_limited: z.int(),
});
export type Usage = z.infer<typeof usageSchema>;
