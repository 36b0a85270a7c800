// What the edge asks of the backend. `PUT /internal/analyses/{id}` starts an analysis or attaches to it and
// answers with NDJSON: progress events, then exactly one result or problem event. `GET` attaches and never
// starts; `DELETE` stops.

import { z } from "zod";
import { problemSchema } from "../problem/index.ts";
import { coverageSchema } from "./coverage.ts";
import { evidenceSchema } from "./evidence.ts";
import { explanationSchema } from "./explanation.ts";
import { indexExpectationSchema, indexedAtSchema, installationSchema } from "./index-expectation.ts";
import { foundBySchema, foundMatchSchema } from "./match.ts";
import { thresholdsSchema } from "./policy.ts";
import { nameSchema, referenceIdSchema, sha256Schema } from "./primitives.ts";

/** Where the backend reads the video: the edge's signed link, or the object store through S3. */
export const videoSourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("url"), url: z.url() }),
  z.strictObject({ kind: z.literal("object"), bucket: z.string().min(1), key: z.string().min(1) }),
]);
export type VideoSource = z.infer<typeof videoSourceSchema>;

export const analysisTaskSchema = z.discriminatedUnion("kind", [
  /** Look the video up; when nothing matches, index it as `index_as` if that is not null. */
  z.strictObject({
    kind: z.literal("check"),
    index_as: referenceIdSchema.nullable(),
    /** Say why, too. Absent or true, so that a task is written in one way only. */
    explain: z.literal(true).optional(),
  }),
  /** Index the video without looking for copies. */
  z.strictObject({
    kind: z.literal("reference"),
    reference_id: referenceIdSchema,
    /**
     * Into this generation of the index alone; into all when absent. Written only while the live generation has
     * the entry of the same job, so that nothing that was replaced or deleted meanwhile comes back: `indexed_as`
     * is null then.
     */
    generation: z.string().max(48).optional(),
    /** The job that the entry is to name as its own; the analysis' id when absent. */
    as_job_id: z.string().min(1).max(128).optional(),
  }),
]);
export type AnalysisTask = z.infer<typeof analysisTaskSchema>;

/**
 * How often the same work has broken off with its backend before, where it has. From the first time on it runs beside
 * no other such work, from the second on beside no other work at all.
 */
export const crashesSchema = z.int().min(1).max(100);

export const analysisRequestSchema = z.strictObject({
  tenant: nameSchema,
  library: nameSchema,
  sha256: sha256Schema,
  source: videoSourceSchema,
  task: analysisTaskSchema,
  /** The library's thresholds; the backend's own when absent. */
  policy: thresholdsSchema.optional(),
  index: indexExpectationSchema,
  crashes: crashesSchema.optional(),
  /** Somebody waits for the answer: it goes before what its tenant has queued. */
  interactive: z.literal(true).optional(),
});
export type AnalysisRequest = z.infer<typeof analysisRequestSchema>;

/** The stages of one video's way, in order; the names of the timings. */
export const STAGES = ["fetch", "probe", "decode", "embed", "search", "align", "index"] as const;
export const stageSchema = z.enum(STAGES);
export type Stage = z.infer<typeof stageSchema>;

export const modelIdentitySchema = z.object({ id: z.string(), version: z.string() });
export type ModelIdentity = z.infer<typeof modelIdentitySchema>;

export const analysedVideoSchema = z.object({
  sha256: sha256Schema,
  packets_sha256: sha256Schema,
  /** Of several streams of pictures, that of the one that was seen least. */
  ...coverageSchema.shape,
  /** Streams of pictures that a player could show; a reference has one. */
  streams: z.int().min(1).default(1),
  /** Frames sampled from the video, before near-identical ones are folded; 0 when it was never decoded. */
  frames: z.int().min(0),
  width: z.int().positive(),
  height: z.int().positive(),
});
export type AnalysedVideo = z.infer<typeof analysedVideoSchema>;

export const analysisResultSchema = z.object({
  video: analysedVideoSchema,
  model: modelIdentitySchema,
  /** Null when nothing matched, and for references. */
  found_by: foundBySchema.nullable(),
  /** Best first. */
  matches: z.array(foundMatchSchema),
  /** The reference id under which the video was made durable, if it was. */
  indexed_as: referenceIdSchema.nullable(),
  timings_ms: z.partialRecord(stageSchema, z.number().min(0)),
  /** Only of a check that asked for it. */
  explanation: explanationSchema.optional(),
  /** Of a check by content: its best candidates. */
  evidence: evidenceSchema.optional(),
  /** Of what was made durable. */
  index: indexedAtSchema.optional(),
});
export type AnalysisResult = z.infer<typeof analysisResultSchema>;

export const progressEventSchema = z.object({
  event: z.literal("progress"),
  stage: stageSchema,
  fraction: z.number().min(0).max(1),
  /** It has no slot yet: nothing of it runs. */
  waiting: z.literal(true).optional(),
  /** In the first event alone: this request has started the work, and not found it under way. */
  started: z.literal(true).optional(),
});

export const analysisEventSchema = z.discriminatedUnion("event", [
  progressEventSchema,
  z.object({ event: z.literal("result"), result: analysisResultSchema }),
  z.object({ event: z.literal("problem"), problem: problemSchema }),
]);
export type AnalysisEvent = z.infer<typeof analysisEventSchema>;

/** The backend's `/readyz`; `ready` false comes with status 503 and the reasons. */
export const backendReadinessSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()),
  model: modelIdentitySchema,
  execution_provider: z.string(),
  index: z.object({
    kind: z.string(),
    /** Whose references it has. */
    installation: installationSchema.nullable().optional(),
    references: z.int().min(0),
    frames: z.int().min(0),
    bytes: z.int().min(0),
  }),
  /** What stands around ffmpeg, and why it is not the strongest; a backend of before does not say. */
  media_sandbox: z.object({ level: z.string(), reason: z.string().nullable() }).optional(),
});
export type BackendReadiness = z.infer<typeof backendReadinessSchema>;

export const analysisPath = (id: string) => `/internal/analyses/${encodeURIComponent(id)}`;
export const backendReferencePath = (tenant: string, library: string, id: string) =>
  `/internal/tenants/${tenant}/libraries/${library}/references/${encodeURIComponent(id)}`;
