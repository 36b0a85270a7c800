// Maintenance that takes long. For operators.

import { createJobSchema, jobFilterSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { requireScope } from "../auth/authenticate.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson } from "../platform/http/json-body.ts";
import { decodeCursor, pageOf, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { cancelJob, jobView, readJob, submitJob } from "./jobs.ts";
import { listJobs } from "./store/maintenance-jobs.ts";

const context = (c: AppContext) => requestContextOf(c.env, c.executionCtx);
const listQuery = jobFilterSchema.extend(pageQuery);

export const adminJobs = new Hono<AppEnv>()
  .use(requireScope("admin", { operator: true }))
  .post("/", async (c) => {
    const asked = parseWith(createJobSchema, await readJson(c));
    const job = await submitJob(context(c), c.get("caller"), asked);
    c.header("location", `/v1/admin/jobs/${job.id}`);
    c.header("retry-after", "1");
    return c.json(jobView(job), 202);
  })
  .get("/", async (c) => {
    const { limit, cursor, ...filter } = parseWith(listQuery, c.req.query());
    const rows = await listJobs(c.env.DB, filter, decodeCursor(cursor, 2), limit + 1);
    const { data, next_cursor } = pageOf(rows, limit, (row) => [row.created_at, row.id]);
    return c.json({ data: data.map(jobView), next_cursor });
  })
  .all("/", onlyMethods("GET", "POST"))
  .get("/:id", async (c) => {
    const job = await readJob(context(c), c.req.param("id"));
    if (job.completed_at === null) c.header("retry-after", "1");
    return c.json(jobView(job));
  })
  .all("/:id", onlyMethods("GET"))
  .post("/:id/cancel", async (c) =>
    c.json(jobView(await cancelJob(context(c), c.get("caller"), c.req.param("id")))),
  )
  .all("/:id/cancel", onlyMethods("POST"));
