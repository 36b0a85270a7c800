// What the edge asks of the backend beside analyses: questions that leave nothing behind. `PUT
// /internal/questions/{id}` asks one or attaches to the same one under way, answered with NDJSON as analyses are.

import { z } from "zod";
import { problemSchema } from "../problem/index.ts";
import { crashesSchema, modelIdentitySchema, progressEventSchema, videoSourceSchema } from "./analysis.ts";
import { frameDescriptorSchema } from "./descriptors.ts";
import { matrixSchema } from "./explanation.ts";
import { indexExpectationSchema } from "./index-expectation.ts";
import { foundMatchSchema, segmentSchema, verdictSchema } from "./match.ts";
import { nameSchema, referenceIdSchema, sha256Schema } from "./primitives.ts";

const givenVideoSchema = z.strictObject({
  kind: z.literal("video"),
  sha256: sha256Schema,
  source: videoSourceSchema,
});

/** A video to be decoded, or a reference whose descriptors are there already. */
export const questionSubjectSchema = z.discriminatedUnion("kind", [
  givenVideoSchema,
  z.strictObject({ kind: z.literal("reference"), library: nameSchema, reference_id: referenceIdSchema }),
]);
export type QuestionSubject = z.infer<typeof questionSubjectSchema>;

/** More than a client may ask for: the edge leaves out what takes part in nothing any more. */
export const MOST_FOUND = 200;

export const questionSchema = z.discriminatedUnion("kind", [
  /** Which references are most like this? */
  z.strictObject({
    kind: z.literal("search"),
    library: nameSchema,
    query: questionSubjectSchema,
    size: z.int().min(1).max(MOST_FOUND),
  }),
  /** How alike are these two? */
  z.strictObject({ kind: z.literal("comparison"), a: questionSubjectSchema, b: questionSubjectSchema }),
  /** Which vectors does this video have? */
  z.strictObject({ kind: z.literal("description"), video: givenVideoSchema }),
  /** What are this object's bytes? */
  z.strictObject({
    kind: z.literal("digest"),
    bucket: z.string().min(1),
    key: z.string().min(1),
    max_bytes: z.int().min(1),
  }),
]);
export type Question = z.infer<typeof questionSchema>;

export const questionRequestSchema = z.strictObject({
  tenant: nameSchema,
  question: questionSchema,
  /** Of a search, and of what asks about references. */
  index: indexExpectationSchema.optional(),
  crashes: crashesSchema.optional(),
});
export type QuestionRequest = z.infer<typeof questionRequestSchema>;

export const foundReferenceSchema = foundMatchSchema.omit({ verdict: true });
export type FoundReference = z.infer<typeof foundReferenceSchema>;

export const DIGEST_HEAD_BYTES = 1024;

export const answerSchema = z.discriminatedUnion("kind", [
  /** Best first. */
  z.object({ kind: z.literal("search"), found: z.array(foundReferenceSchema).max(MOST_FOUND) }),
  z.object({
    kind: z.literal("comparison"),
    score: z.number().min(0).max(1),
    verdict: verdictSchema,
    /** `a` is the query. */
    segments: z.array(segmentSchema),
    a_duration_s: z.number().min(0),
    b_duration_s: z.number().min(0),
    /** Null when one of the two shows nothing. */
    matrix: matrixSchema.nullable(),
  }),
  z.object({
    kind: z.literal("description"),
    model: modelIdentitySchema,
    frames: z.array(frameDescriptorSchema),
  }),
  z.object({
    kind: z.literal("digest"),
    sha256: sha256Schema,
    bytes: z.int().min(0),
    /** The first bytes, for telling what the file is. */
    head_base64: z.base64(),
  }),
]);
export type Answer = z.infer<typeof answerSchema>;
export type AnswerTo<Kind extends Answer["kind"]> = Extract<Answer, { kind: Kind }>;

export const answerEventSchema = z.discriminatedUnion("event", [
  progressEventSchema,
  z.object({ event: z.literal("result"), result: answerSchema }),
  z.object({ event: z.literal("problem"), problem: problemSchema }),
]);
export type AnswerEvent = z.infer<typeof answerEventSchema>;

export const questionPath = (id: string) => `/internal/questions/${encodeURIComponent(id)}`;
