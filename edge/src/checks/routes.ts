import { checkFilterSchema, checkOptionsSchema, decisionInputSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { refuseWithoutScope, requireScope } from "../auth/authenticate.ts";
import { readSubmissionOrHash } from "../ingest/submission.ts";
import { eventStream } from "../platform/http/event-stream.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson } from "../platform/http/json-body.ts";
import { decodeCursor, decodeNumber, pageOf, pageQuery } from "../platform/http/paging.ts";
import { preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { cancelCheck } from "./cancel.ts";
import { decideCheck } from "./decide.ts";
import { recallExplanation } from "./explanation.ts";
import { listenToCheck } from "./listen.ts";
import { findOwnCheck } from "./own-check.ts";
import { removeCheck } from "./remove.ts";
import { decisionsOf } from "./store/check-decisions.ts";
import { listChecks } from "./store/check-list.ts";
import type { CheckRow } from "./store/check-row.ts";
import { isFinished } from "./store/checks.ts";
import { submitCheck } from "./submit.ts";
import { completedView, rowView, unfinishedView } from "./view.ts";
import { END_ID, watchCheck } from "./watch.ts";

const listQuery = checkFilterSchema.extend(pageQuery);
const historyQuery = z.strictObject(pageQuery);

const tenantOf = (c: AppContext) => c.get("caller").tenant;
const idOf = (c: AppContext) => c.req.param("id") ?? "";
const servicesFor = (c: AppContext) => requestContextOf(c.env, c.executionCtx);
const viewOf = async (c: AppContext, row: CheckRow) =>
  rowView(row, await recallExplanation(c.env.OBJECTS, row));

// There is no scope of its own for reading: who may ask may read the answer.
export const checks = new Hono<AppEnv>()
  .post("/", requireScope("checks:write"), async (c) => {
    const { options, origin } = await readSubmissionOrHash(c, checkOptionsSchema, ({ index }) => {
      // What is found unique becomes a reference.
      if (index === "if_unique") refuseWithoutScope(c.get("caller"), "references:write");
    });
    const submission = {
      options,
      origin,
      tenant: c.get("caller").tenant,
      waitMs: preferredWaitMs(c),
      requestId: c.get("requestId"),
    };
    const outcome = await untilDone(c, submitCheck(requestContextOf(c.env, c.executionCtx), submission));
    if (outcome.kind === "completed") return c.json(completedView(outcome.completed));
    c.header("location", `/v1/checks/${outcome.job.id}`);
    c.header("retry-after", "1");
    return c.json(unfinishedView(outcome.job), 202);
  })
  .get("/", requireScope("checks:write"), async (c) => {
    const { limit, cursor, ...filter } = parseWith(listQuery, c.req.query());
    const after = decodeCursor(cursor, 2);
    const { results } = await listChecks(c.env.DB, tenantOf(c), filter, after, limit + 1).all<CheckRow>();
    const { data, next_cursor } = pageOf(results, limit, (row) => [row.created_at, row.id]);
    return c.json({ data: data.map((row) => rowView(row)), next_cursor });
  })
  .all("/", onlyMethods("GET", "POST"))
  .get("/:id", requireScope("checks:write"), async (c) => {
    const row = await findOwnCheck(servicesFor(c), tenantOf(c), idOf(c));
    if (!isFinished(row)) c.header("retry-after", "1");
    return c.json(await viewOf(c, row));
  })
  .delete("/:id", requireScope("checks:write"), async (c) => {
    await removeCheck(servicesFor(c), tenantOf(c), idOf(c));
    return c.body(null, 204);
  })
  .all("/:id", onlyMethods("GET", "DELETE"))
  .post("/:id/cancel", requireScope("checks:write"), async (c) =>
    c.json(rowView(await cancelCheck(servicesFor(c), tenantOf(c), idOf(c)))),
  )
  .all("/:id/cancel", onlyMethods("POST"))
  .post("/:id/decision", requireScope("checks:write"), async (c) => {
    const input = parseWith(decisionInputSchema, await readJson(c));
    return c.json(await viewOf(c, await decideCheck(servicesFor(c), tenantOf(c), idOf(c), input)));
  })
  .all("/:id/decision", onlyMethods("POST"))
  .get("/:id/decisions", requireScope("checks:write"), async (c) => {
    const { limit, cursor } = parseWith(historyQuery, c.req.query());
    const { id } = await findOwnCheck(servicesFor(c), tenantOf(c), idOf(c));
    const rows = await decisionsOf(c.env.DB, id, decodeNumber(cursor) ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const { data, next_cursor } = pageOf(rows, limit, (row) => [String(row.number)]);
    return c.json({ data: data.map((row) => JSON.parse(row.decision)), next_cursor });
  })
  .all("/:id/decisions", onlyMethods("GET"))
  .get("/:id/events", requireScope("checks:write"), async (c) => {
    const context = servicesFor(c);
    const row = await findOwnCheck(context, tenantOf(c), idOf(c));
    const seen = /^\d{1,3}$/.exec(c.req.header("last-event-id") ?? "")?.[0];
    // A client that has heard the end asks again by itself until it is told that there is no more.
    if (isFinished(row) && Number(seen) === END_ID) return c.body(null, 204);
    const after = seen === undefined ? -1 : Number(seen);
    const stream = isFinished(row)
      ? eventStream((emit, signal) => watchCheck(context, row, after, emit, signal))
      : await listenToCheck(context, row, after);
    return c.body(stream.body!, 200, { "content-type": "text/event-stream" });
  })
  .all("/:id/events", onlyMethods("GET"));
