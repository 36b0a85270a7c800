// Maintenance as the public API speaks it: `/v1/admin/…`, for operators.

import { z } from "zod";
import { problemSchema } from "../problem/index.ts";
import { installationSchema } from "./index-expectation.ts";
import {
  generationNameSchema,
  indexOverviewSchema,
  liveGenerationSchema,
  maintenanceResultSchema,
  snapshotIdSchema,
} from "./maintenance.ts";
import { nameSchema } from "./primitives.ts";

const count = z.int().min(0);
/** Says once more what is to go. */
const confirm = z.string().max(200).default("");

export const MOST_LIBRARIES_COUNTED = 1000;

/** `GET /v1/admin/index`: what the index says, and what the edge has written down of references. */
export const adminIndexSchema = indexOverviewSchema.extend({
  edge: z.object({
    /** Whose references the index is to have; else it answers nothing. */
    installation: installationSchema,
    /** Of all libraries. */
    references: z.object({ ready: count, indexing: count, disabled: count }),
    libraries: z.array(
      z.object({ tenant: z.string(), library: z.string(), ready: count, indexing: count, disabled: count }),
    ),
    /** There are more libraries than are told apart here. */
    truncated: z.boolean(),
  }),
});
export type AdminIndex = z.infer<typeof adminIndexSchema>;

/** `POST /v1/admin/index/live`. */
export const switchGenerationSchema = liveGenerationSchema.extend({
  allow_incomplete: z.boolean().default(false),
});
export type SwitchGeneration = z.infer<typeof switchGenerationSchema>;

/** `POST /v1/admin/index/adopt`; `confirm` is whose the index is now, or `nobody`. */
export const adoptIndexSchema = z.strictObject({ confirm, accept_missing: z.boolean().default(false) });
export type AdoptIndex = z.infer<typeof adoptIndexSchema>;

/** `DELETE /v1/admin/index/generations/{name}`, `DELETE /v1/admin/index/snapshots/{id}`. */
export const confirmSchema = z.strictObject({ confirm });

export const JOB_KINDS = [
  "optimise",
  "snapshot",
  "restore",
  "re_embed",
  "compare",
  "reconcile",
  "purge_tenant",
] as const;
export const jobKindSchema = z.enum(JOB_KINDS);
export type JobKind = z.infer<typeof jobKindSchema>;

/** `POST /v1/admin/jobs`. */
export const createJobSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("optimise") }),
  /** Of the live generation unless told otherwise. */
  z.strictObject({ kind: z.literal("snapshot"), generation: generationNameSchema.optional() }),
  /** Into the generation that it was taken of unless told otherwise; `confirm` is the snapshot's id. */
  z.strictObject({
    kind: z.literal("restore"),
    snapshot: snapshotIdSchema,
    generation: generationNameSchema.optional(),
    confirm,
  }),
  z.strictObject({ kind: z.literal("re_embed"), generation: generationNameSchema }),
  z.strictObject({
    kind: z.literal("compare"),
    generation: generationNameSchema,
    with: generationNameSchema,
    sample: z.int().min(1).max(1000).default(100),
  }),
  /** `adopt`: whose the index is now, where it is another installation's and is to become this one's. */
  z.strictObject({
    kind: z.literal("reconcile"),
    repair: z.boolean().default(false),
    adopt: installationSchema.optional(),
  }),
  /** `confirm` is the tenant's name. */
  z.strictObject({ kind: z.literal("purge_tenant"), tenant: nameSchema, confirm }),
]);
export type CreateJob = z.infer<typeof createJobSchema>;

const referenceName = { tenant: z.string(), library: z.string(), id: z.string() };

/** Most of what could not be done that is named one by one. */
export const MOST_NAMED = 1000;

export const reEmbedResultSchema = z.object({
  kind: z.literal("re_embed"),
  generation: generationNameSchema,
  /** Ready ones, as the last pass saw them. */
  references: count,
  embedded: count,
  /** What the generation lacks: their originals are not kept, or cannot be read. */
  missing: count,
  cannot: z.array(z.object({ ...referenceName, code: z.string() })).max(MOST_NAMED),
});
export type ReEmbedResult = z.infer<typeof reEmbedResultSchema>;

/** What can differ between the edge's rows, the index and the object store. */
export const DIFFERENCES = [
  /** A ready reference that the live generation lacks. */
  "row_without_entry",
  /** An entry of the index whose reference is gone. */
  "entry_without_row",
  /** An entry that another video of this id, or another run of it, made. */
  "entry_of_another_job",
  /** A stored object that nothing names. */
  "object_without_row",
  /** A reference whose kept original is gone. */
  "row_whose_object_is_gone",
] as const;
export const differenceSchema = z.enum(DIFFERENCES);
export type Difference = z.infer<typeof differenceSchema>;

export const MOST_SAMPLES = 20;

export const reconcileResultSchema = z.object({
  kind: z.literal("reconcile"),
  repair: z.boolean(),
  references: count,
  entries: count,
  objects: count,
  differences: z.object(
    Object.fromEntries(
      DIFFERENCES.map((name) => [
        name,
        z.object({ found: count, repaired: count, samples: z.array(z.string()).max(MOST_SAMPLES) }),
      ]),
    ) as Record<
      Difference,
      z.ZodObject<{ found: z.ZodInt; repaired: z.ZodInt; samples: z.ZodArray<z.ZodString> }>
    >,
  ),
  /** Of the repaired: references that could not be indexed again and are failed now. */
  failed: count,
  /** What generations beside the live one lack; `re_embed` fills them. */
  beside: z.array(z.object({ generation: z.string(), missing: count })),
});
export type ReconcileResult = z.infer<typeof reconcileResultSchema>;

export const purgeResultSchema = z.object({
  kind: z.literal("purge_tenant"),
  tenant: z.string(),
  removed: z.record(z.string(), count),
  /** Of each store, asked once more at the end. */
  left: z.record(z.string(), count),
});
export type PurgeResult = z.infer<typeof purgeResultSchema>;

export const jobResultSchema = z.discriminatedUnion("kind", [
  ...maintenanceResultSchema.options,
  reEmbedResultSchema,
  reconcileResultSchema,
  purgeResultSchema,
]);
export type JobResult = z.infer<typeof jobResultSchema>;

export const jobStatusSchema = z.enum(["queued", "running", "completed", "failed", "cancelled"]);
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const jobProgressSchema = z.object({
  done: count,
  /** Null while nobody knows. */
  total: count.nullable(),
  stage: z.string(),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** A maintenance job as the API answers it. */
export const jobSchema = z.object({
  id: z.string(),
  kind: jobKindSchema,
  /** As it was asked for. */
  request: z.record(z.string(), z.json()),
  status: jobStatusSchema,
  /** It has been told to end, and has not yet. */
  cancelling: z.boolean(),
  progress: jobProgressSchema,
  result: jobResultSchema.nullable(),
  /** Why it failed; of a running one, why it has to try again. */
  problem: problemSchema.nullable(),
  /** The key that asked. */
  asked_by: z.string(),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  completed_at: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

export const jobFilterSchema = z.strictObject({
  kind: jobKindSchema.optional(),
  status: jobStatusSchema.optional(),
});
export type JobFilter = z.infer<typeof jobFilterSchema>;

/** `GET /v1/admin/audit`, newest first. */
export const auditEntrySchema = z.object({
  number: z.int(),
  at: z.iso.datetime(),
  key_id: z.string(),
  key_tenant: z.string(),
  action: z.string(),
  subject: z.record(z.string(), z.json()),
  outcome: z.string(),
  job_id: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditFilterSchema = z.strictObject({
  /** `job.` and the like: all that begin so. */
  action: z
    .string()
    .regex(/^[a-z_.]{1,64}$/, "write an action, or how it begins, such as job.")
    .optional(),
  job_id: z.string().max(64).optional(),
});
export type AuditFilter = z.infer<typeof auditFilterSchema>;

/** `POST /v1/admin/cache/purge`: everything, a tenant's, or a library's. */
export const purgeCacheSchema = z
  .strictObject({ tenant: nameSchema.optional(), library: nameSchema.optional() })
  .refine(({ tenant, library }) => library === undefined || tenant !== undefined, {
    path: ["tenant"],
    message: "name the library's tenant",
  });
export type PurgeCache = z.infer<typeof purgeCacheSchema>;

export const purgedCacheSchema = z.object({
  /** How many libraries' epochs were raised; null: that of everything. */
  libraries: count.nullable(),
});

/** A cached verdict counts while both of its epochs stand. */
export const epochSchema = z.object({ tenant: z.string(), library: z.string(), epoch: count });
