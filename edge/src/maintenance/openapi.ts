import {
  adminIndexSchema,
  adoptIndexSchema,
  auditEntrySchema,
  auditFilterSchema,
  confirmSchema,
  createJobSchema,
  epochSchema,
  generationNameSchema,
  jobFilterSchema,
  jobSchema,
  newGenerationSchema,
  purgeCacheSchema,
  purgedCacheSchema,
  snapshotIdSchema,
  snapshotListSchema,
  switchGenerationSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { pageQuery, pageSchema } from "../platform/http/paging.ts";
import type { Operation } from "../platform/openapi/operation.ts";

const who = { tag: "Maintenance", scope: "admin", operator: true } as const;
const index = adminIndexSchema.meta({ id: "Index" });
const job = jobSchema.meta({ id: "MaintenanceJob" });
const generation = z.object({ name: generationNameSchema });
const snapshot = z.object({ id: snapshotIdSchema });
const parameters = z.object({ id: z.string() });
const json = (schema: z.ZodType) => ({ "application/json": schema });
const PROBLEMS = ["index_unavailable"] as const;

const KINDS = `\`optimise\` gives back the room of what was deleted. \`snapshot\` copies a generation, \`restore\` makes
one what it was (\`confirm\`: the snapshot's id); reconcile afterwards. \`re_embed\` fills a generation with all
references, \`compare\` asks two generations about a sample. \`reconcile\` compares references, index and stored objects,
and repairs what differs if it is told to; of another installation's index, which \`adopt\` then names, too. \`purge_tenant\` deletes everything of a tenant (\`confirm\`: its name).
Snapshots and comparisons go beside one another, all others alone.`;

export const ADMIN_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/admin/index",
    id: "getIndex",
    ...who,
    summary: "The index: generations, models, sizes, state",
    answers: { 200: { description: "The index.", schema: index } },
    problems: [...PROBLEMS],
  },
  {
    method: "post",
    path: "/v1/admin/index/generations",
    id: "createGeneration",
    ...who,
    summary: "Make a generation of another model, beside the live one",
    description: "Every new reference goes into all generations; a job `re_embed` fills it with the others.",
    body: json(newGenerationSchema),
    answers: { 201: { description: "The index.", schema: index } },
    problems: [...PROBLEMS, "model_not_found", "model_mismatch"],
  },
  {
    method: "delete",
    path: "/v1/admin/index/generations/{name}",
    id: "dropGeneration",
    ...who,
    summary: "Drop a generation that is not live",
    parameters: generation,
    body: json(confirmSchema),
    answers: { 204: { description: "Dropped." } },
    problems: [
      ...PROBLEMS,
      ...(["generation_not_found", "generation_live", "confirmation_missing", "job_in_the_way"] as const),
    ],
  },
  {
    method: "post",
    path: "/v1/admin/index/live",
    id: "switchGeneration",
    ...who,
    summary: "Have another generation answer, or the former one again",
    description: "No cached verdict of the former model is used again. One that lacks references is refused.",
    body: json(switchGenerationSchema),
    answers: { 200: { description: "The index.", schema: index } },
    problems: [...PROBLEMS, "generation_not_found", "generation_incomplete", "job_in_the_way"],
  },
  {
    method: "post",
    path: "/v1/admin/index/adopt",
    id: "adoptIndex",
    ...who,
    summary: "Make the index that is there this installation's",
    description:
      "For an index that is refused with 503: another's, an older or an empty one. `confirm` is whose it is now, or " +
      "`nobody`. One that lacks references is refused: rebuild it with a job `reconcile`, or accept what is missing.",
    body: json(adoptIndexSchema),
    answers: { 200: { description: "The index.", schema: index } },
    problems: [
      ...PROBLEMS,
      "confirmation_missing",
      "generation_incomplete",
      "job_in_the_way",
      "index_not_adopted",
    ],
  },
  {
    method: "get",
    path: "/v1/admin/index/snapshots",
    id: "listSnapshots",
    ...who,
    summary: "Snapshots of the index",
    answers: { 200: { description: "All of them.", schema: snapshotListSchema } },
    problems: [...PROBLEMS],
  },
  {
    method: "delete",
    path: "/v1/admin/index/snapshots/{id}",
    id: "deleteSnapshot",
    ...who,
    summary: "Delete a snapshot",
    parameters: snapshot,
    body: json(confirmSchema),
    answers: { 204: { description: "Deleted." } },
    problems: [...PROBLEMS, "snapshot_not_found", "confirmation_missing", "job_in_the_way"],
  },
  {
    method: "post",
    path: "/v1/admin/jobs",
    id: "createJob",
    ...who,
    summary: "Ask for maintenance that takes long",
    description: KINDS,
    body: json(createJobSchema),
    answers: {
      202: {
        description: "Accepted.",
        schema: job,
        headers: {
          location: "Where its progress is told.",
          "retry-after": "Seconds until asking makes sense.",
        },
      },
    },
    problems: ["job_in_the_way", "confirmation_missing"],
  },
  {
    method: "get",
    path: "/v1/admin/jobs",
    id: "listJobs",
    ...who,
    summary: "Maintenance jobs, newest first",
    query: jobFilterSchema.extend(pageQuery),
    answers: { 200: { description: "A page of jobs.", schema: pageSchema(job) } },
  },
  {
    method: "get",
    path: "/v1/admin/jobs/{id}",
    id: "getJob",
    ...who,
    summary: "A job: how far it is, or how it ended",
    parameters,
    answers: { 200: { description: "The job.", schema: job } },
    problems: ["job_not_found"],
  },
  {
    method: "post",
    path: "/v1/admin/jobs/{id}/cancel",
    id: "cancelJob",
    ...who,
    summary: "Begin nothing further of a job",
    description: "What it has done stays done. Cancelling again changes nothing.",
    parameters,
    answers: { 200: { description: "The job.", schema: job } },
    problems: ["job_not_found", "job_finished"],
  },
  {
    method: "get",
    path: "/v1/admin/audit",
    id: "listAudit",
    ...who,
    summary: "Who did what, newest first",
    description:
      "Maintenance, keys, policies, and references taken out of verdicts and back; `action` may be a beginning.",
    query: auditFilterSchema.extend(pageQuery),
    answers: {
      200: { description: "A page.", schema: pageSchema(auditEntrySchema.meta({ id: "AuditEntry" })) },
    },
  },
  {
    method: "post",
    path: "/v1/admin/cache/purge",
    id: "purgeCache",
    ...who,
    summary: "Forget cached verdicts: all, a tenant's, or a library's",
    body: json(purgeCacheSchema),
    bodyOptional: true,
    answers: { 200: { description: "Forgotten.", schema: purgedCacheSchema } },
  },
  {
    method: "get",
    path: "/v1/admin/epochs",
    id: "listEpochs",
    ...who,
    summary: "What cached verdicts are kept under",
    query: z.object(pageQuery),
    answers: {
      200: {
        description: "The index's epoch, and a page of those of libraries.",
        schema: pageSchema(epochSchema).extend({ index: z.int().min(0) }),
      },
    },
  },
];
