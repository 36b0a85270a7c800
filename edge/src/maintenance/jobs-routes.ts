// Maintenance that takes long. For operators.

import { createJobSchema, jobFilterSchema, jobSchema } from "@twinframe/shared/contract";
import { needs } from "../auth/access.ts";
import { contextOf } from "../platform/http/of-request.ts";
import { decodeCursor, pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { idParams, json, jsonBody, whereToAsk } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { cancelJob, jobView, readJob, submitJob } from "./jobs.ts";
import { listJobs } from "./store/maintenance-jobs.ts";

const job = jobSchema.meta({ id: "MaintenanceJob" });

const KINDS = `\`optimise\` gives back the room of what was deleted. \`snapshot\` copies a generation, \`restore\` makes
one what it was (\`confirm\`: the snapshot's id); reconcile afterwards. \`re_embed\` fills a generation with all
references, \`compare\` asks two generations about a sample. \`reconcile\` compares references, index and stored objects,
and repairs what differs if it is told to; of another installation's index, which \`adopt\` then names, too. \`purge_tenant\` deletes everything of a tenant (\`confirm\`: its name).
Snapshots and comparisons go beside one another, all others alone.`;

export const adminJobs = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/admin/jobs",
      operationId: "createJob",
      tags: ["Maintenance"],
      summary: "Ask for maintenance that takes long",
      description: KINDS,
      ...needs("admin", { operator: true }),
      request: { body: jsonBody(createJobSchema) },
      responses: {
        202: {
          description: "Accepted.",
          content: json(job),
          headers: whereToAsk("Where its progress is told."),
        },
      },
      problems: ["job_in_the_way", "confirmation_missing"],
    }),
    async (c) => {
      const submitted = await submitJob(contextOf(c), c.get("caller"), c.req.valid("json"));
      c.header("location", `/v1/admin/jobs/${submitted.id}`);
      c.header("retry-after", "1");
      return c.json(jobView(submitted), 202);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/admin/jobs",
      operationId: "listJobs",
      tags: ["Maintenance"],
      summary: "Maintenance jobs, newest first",
      ...needs("admin", { operator: true }),
      request: { query: jobFilterSchema.extend(pageQuery) },
      responses: { 200: { description: "A page of jobs.", content: json(pageSchema(job)) } },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid("query");
      const rows = await listJobs(c.env.DB, filter, decodeCursor(cursor, 2), limit + 1);
      const { data, next_cursor } = pageOf(rows, limit, (row) => [row.created_at, row.id]);
      return c.json({ data: data.map(jobView), next_cursor }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/admin/jobs/{id}",
      operationId: "getJob",
      tags: ["Maintenance"],
      summary: "A job: how far it is, or how it ended",
      ...needs("admin", { operator: true }),
      request: { params: idParams },
      responses: { 200: { description: "The job.", content: json(job) } },
      problems: ["job_not_found"],
    }),
    async (c) => {
      const found = await readJob(contextOf(c), c.req.valid("param").id);
      if (found.completed_at === null) c.header("retry-after", "1");
      return c.json(jobView(found), 200);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/admin/jobs/{id}/cancel",
      operationId: "cancelJob",
      tags: ["Maintenance"],
      summary: "Begin nothing further of a job",
      description: "What it has done stays done. Cancelling again changes nothing.",
      ...needs("admin", { operator: true }),
      request: { params: idParams },
      responses: { 200: { description: "The job.", content: json(job) } },
      problems: ["job_not_found", "job_finished"],
    }),
    async (c) =>
      c.json(jobView(await cancelJob(contextOf(c), c.get("caller"), c.req.valid("param").id)), 200),
  );
