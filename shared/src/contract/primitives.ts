import { z } from "zod";

/** Names an operator or client chooses for a tenant or a library. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "use 1–64 of a–z, 0–9, _ and -, starting with a letter or digit");

/** A client's own id of a reference. */
export const referenceIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._~:@+-]{0,199}$/, "use 1–200 of A–Z, a–z, 0–9 and . _ ~ : @ + -");

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "use 64 lower-case hex digits");

export const METADATA_MAX_BYTES = 16_384;

/** Whatever JSON object the client wants back with a match; at most 16 KiB as JSON. */
export const metadataSchema = z
  .record(z.string().max(128), z.json())
  .refine(
    (value) => new TextEncoder().encode(JSON.stringify(value)).length <= METADATA_MAX_BYTES,
    `metadata may have at most ${METADATA_MAX_BYTES} bytes as JSON`,
  );

export const urlSchema = z.string().min(1, "give a URL").max(4096, "a URL may have at most 4096 characters");

export const uploadIdSchema = z.string().regex(/^upl_[0-9a-z]{26}$/, "use an upload's id as it was given");
/** A time with its zone, as the UTC text that times are kept and compared as. */
export const timeSchema = z.iso
  .datetime({ offset: true, error: "write a time such as 2026-01-31T12:00:00Z" })
  .transform((text) => new Date(text).toISOString());

export const DEFAULT_LIBRARY = "default";
