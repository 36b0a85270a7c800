// What the edge asks of the backend to maintain the index: reading and switching generations, taking and
// restoring snapshots, and work that takes long. `PUT /internal/maintenance/{job_id}` starts such work or
// attaches to it, answered with NDJSON as analyses are (progress events of the stage "index"); every kind may be
// asked again after a backend was lost, and then ends as if it had been asked once.

import { z } from "zod";
import { problemSchema } from "../problem/index.ts";
import { modelIdentitySchema, stageSchema } from "./analysis.ts";
import { evidenceSchema } from "./evidence.ts";
import { installationSchema } from "./index-expectation.ts";
import { verdictSchema } from "./match.ts";
import { thresholdsSchema } from "./policy.ts";
import { nameSchema, referenceIdSchema, sha256Schema } from "./primitives.ts";

const count = z.int().min(0);

/** A generation: all references as one model describes them. */
export const generationNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,47}$/, "use 1–48 of a–z, 0–9 and -, starting with a letter or digit");
export const snapshotIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "use a snapshot's id as it was given");

export const generationSchema = z.object({
  name: generationNameSchema,
  model: modelIdentitySchema,
  dims: z.int().positive(),
  /** The live one answers; one beside it gets every write, too, and can be switched to. */
  state: z.enum(["live", "beside"]),
  references: count,
  frames: count,
  /** Memory that the vectors take. */
  bytes: count,
  stored_bytes: count,
  /** How the store says that it is: of Qdrant, `green`, `yellow` (optimising) or `red`, with its segments. */
  health: z.object({ status: z.string(), segments: count }),
  created_at: z.string(),
});
export type GenerationView = z.infer<typeof generationSchema>;

/** `GET /internal/index`. */
export const indexOverviewSchema = z.object({
  kind: z.enum(["embedded", "qdrant"]),
  live: generationNameSchema,
  generations: z.array(generationSchema),
  /** Whose references the live generation has; null: it is new or restored, and nobody's. */
  installation: installationSchema.nullable(),
  /** Of the live generation. */
  libraries: z.array(
    z.object({
      tenant: z.string(),
      library: z.string(),
      references: count,
      frames: count,
      bytes: count,
      /** How often it was written. */
      epoch: count,
    }),
  ),
  /** Backends that are at work on a Qdrant prefix; none of an embedded index, which has one only. */
  writers: z.array(z.object({ name: z.string(), since: z.string(), seen_at: z.string() })),
});
export type IndexOverview = z.infer<typeof indexOverviewSchema>;

/** `POST /internal/index/generations`: 201, or 200 when it was there. The model is a folder of models/. */
export const newGenerationSchema = z.strictObject({
  name: generationNameSchema,
  model: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "name a model that the backend has in models/"),
});
export type NewGeneration = z.infer<typeof newGenerationSchema>;

/** `PUT /internal/index/installation`: whose all generations are from now on; 409 unless they are `replaces`'. */
export const assignIndexSchema = z.strictObject({
  installation: installationSchema.nullable(),
  replaces: installationSchema.nullable(),
});
export type AssignIndex = z.infer<typeof assignIndexSchema>;

export const MOST_CHANGES = 500;

/** `POST /internal/index/changes`: what has become of a library's entries; may be sent again. */
export const entryChangesSchema = z.strictObject({
  installation: installationSchema,
  tenant: nameSchema,
  library: nameSchema,
  changes: z
    .array(
      z.strictObject({
        id: referenceIdSchema,
        job_id: z.string().min(1).max(128),
        /** Out of searches while it is odd; the greatest one counts. Null: the entry is to go. */
        availability: count.nullable(),
      }),
    )
    .max(MOST_CHANGES),
});
export type EntryChanges = z.infer<typeof entryChangesSchema>;

/** `PUT /internal/index/live`: 200 with the overview. */
export const liveGenerationSchema = z.strictObject({ name: generationNameSchema });

export const snapshotSchema = z.object({
  id: snapshotIdSchema,
  generation: generationNameSchema,
  model: modelIdentitySchema,
  references: count,
  bytes: count,
  created_at: z.string(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;
/** `GET /internal/index/snapshots`. */
export const snapshotListSchema = z.object({ snapshots: z.array(snapshotSchema) });

export const MOST_ENTRIES = 500;

/** What the index says of a reference. */
export const indexEntrySchema = z.object({
  tenant: z.string(),
  library: z.string(),
  id: z.string(),
  job_id: z.string(),
  sha256: sha256Schema,
  availability: count,
  /** Descriptors kept. In pages only: a look-up does not tell it. */
  frames: count.optional(),
});
export type IndexEntry = z.infer<typeof indexEntrySchema>;

/** `GET /internal/index/entries?generation=&after=&limit=`: `next` is opaque; null at the end. */
export const entryPageSchema = z.object({ entries: z.array(indexEntrySchema), next: z.string().nullable() });
export type EntryPage = z.infer<typeof entryPageSchema>;

/** `POST /internal/index/entries/look-up`: one answer a key, in its place. */
export const entryLookUpSchema = z.strictObject({
  generation: generationNameSchema,
  keys: z
    .array(z.strictObject({ tenant: nameSchema, library: nameSchema, id: referenceIdSchema }))
    .max(MOST_ENTRIES),
});
export type EntryLookUp = z.infer<typeof entryLookUpSchema>;
export const foundEntriesSchema = z.object({ entries: z.array(indexEntrySchema.nullable()) });

/** `DELETE /internal/tenants/{tenant}`: from all generations; how many references that were in the one that had most. */
export const tenantRemovalSchema = z.object({ removed: count });
export type TenantRemoval = z.infer<typeof tenantRemovalSchema>;

export const maintenanceRequestSchema = z.discriminatedUnion("kind", [
  /** Gives back the room of what was deleted, in every generation. */
  z.strictObject({ kind: z.literal("optimise") }),
  z.strictObject({
    kind: z.literal("snapshot"),
    snapshot: snapshotIdSchema,
    generation: generationNameSchema,
  }),
  z.strictObject({
    kind: z.literal("restore"),
    snapshot: snapshotIdSchema,
    generation: generationNameSchema,
  }),
  /** The same references asked of two generations: do they name the same ones? */
  z.strictObject({
    kind: z.literal("compare"),
    generation: generationNameSchema,
    with: generationNameSchema,
    sample: z.int().min(1).max(1000),
  }),
]);
export type MaintenanceRequest = z.infer<typeof maintenanceRequestSchema>;

export const comparisonOfGenerationsSchema = z.object({
  kind: z.literal("compare"),
  /** References in both, each asked about in both, itself left out of what is found. */
  compared: count,
  /** Of the references that one or the other finds (a verdict other than unique): found by both, by one. */
  both: count,
  only_first: count,
  only_second: count,
  /** Of those found by both: the mean of second minus first. */
  score_shift: z.number(),
  /** Those that differ, at most 50. */
  differing: z.array(
    z.object({
      tenant: z.string(),
      library: z.string(),
      id: z.string(),
      first: z.array(z.object({ reference_id: z.string(), verdict: verdictSchema, score: z.number() })),
      second: z.array(z.object({ reference_id: z.string(), verdict: verdictSchema, score: z.number() })),
    }),
  ),
});

export const maintenanceResultSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("optimise"), bytes_before: count, bytes_after: count }),
  z.object({ kind: z.literal("snapshot"), snapshot: snapshotSchema }),
  z.object({ kind: z.literal("restore"), snapshot: snapshotSchema, references: count }),
  comparisonOfGenerationsSchema,
]);
export type MaintenanceResult = z.infer<typeof maintenanceResultSchema>;

/** A line of the answer; the last one is a result or a problem. */
export const maintenanceEventSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("progress"), stage: stageSchema, fraction: z.number().min(0).max(1) }),
  z.object({ event: z.literal("result"), result: maintenanceResultSchema }),
  z.object({ event: z.literal("problem"), problem: problemSchema }),
]);
export type MaintenanceEvent = z.infer<typeof maintenanceEventSchema>;

export const MOST_JUDGED = 100;

/** `POST /internal/judgements`: what other thresholds would have said; of `unique`, no reference and score 0. */
export const judgementRequestSchema = z.strictObject({
  policy: thresholdsSchema,
  items: z.array(evidenceSchema).max(MOST_JUDGED),
});
export type JudgementRequest = z.infer<typeof judgementRequestSchema>;
export const judgementsSchema = z.object({
  judgements: z.array(
    z.object({ verdict: verdictSchema, reference_id: referenceIdSchema.nullable(), score: z.number() }),
  ),
});
export type Judgements = z.infer<typeof judgementsSchema>;

export const maintenancePath = (jobId: string) => `/internal/maintenance/${encodeURIComponent(jobId)}`;
