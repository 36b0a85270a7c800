import { z } from "zod";
import { problemSchema } from "../problem/index.ts";
import { nameSchema, timeSchema, urlSchema } from "./primitives.ts";
import { referenceOptionsSchema } from "./reference.ts";

export const IMPORT_MAX_LINES = 10_000;
export const IMPORT_MAX_BYTES = 10 * 1024 * 1024;

/** A line of an import in JSON Lines; the columns of one in CSV. */
export const importEntrySchema = referenceOptionsSchema.omit({ library: true }).extend({ url: urlSchema });
export type ImportEntry = z.infer<typeof importEntrySchema>;

export const importStatusSchema = z.enum(["running", "completed", "cancelled"]);

const count = z.int().min(0);
/** A bulk addition of references as the API answers it. The counts of lines by their status add up to `total`. */
export const importSchema = z.object({
  id: z.string(),
  library: nameSchema,
  /** `completed` once every line has ended, whatever became of it. */
  status: importStatusSchema,
  total: count,
  queued: count,
  running: count,
  /** The video is in; the reference is being indexed. */
  indexing: count,
  done: count,
  failed: count,
  cancelled: count,
  created_at: z.iso.datetime(),
  /** Of a cancelled one: once what was under way has ended. */
  completed_at: z.iso.datetime().nullable(),
});
export type Import = z.infer<typeof importSchema>;

export const importLineStatusSchema = z.enum([
  "queued",
  "running",
  "indexing",
  "done",
  "failed",
  "cancelled",
]);
export type ImportLineStatus = z.infer<typeof importLineStatusSchema>;

/** What became of a line. */
export const importLineSchema = z.object({
  /** Of the file, from 1; a CSV's header counts. */
  line: z.int().min(1),
  status: importLineStatusSchema,
  /** Without its query string, which may hold a signature; null when it was none. */
  url: z.string().nullable(),
  /** What the line asked for, then what it became. */
  reference_id: z.string().nullable(),
  /** Why it failed, or why it has to be tried again. */
  problem: problemSchema.nullable(),
});
export type ImportLine = z.infer<typeof importLineSchema>;

export const importFilterSchema = z.strictObject({
  status: importStatusSchema.optional(),
  library: nameSchema.optional(),
  created_after: timeSchema.optional(),
  created_before: timeSchema.optional(),
});
export type ImportFilter = z.infer<typeof importFilterSchema>;
