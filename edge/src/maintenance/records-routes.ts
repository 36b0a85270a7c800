// Who did what, and what cached verdicts are kept under. For operators.

import { auditFilterSchema, purgeCacheSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { auditDone, auditView } from "../auth/audit.ts";
import { requireScope } from "../auth/authenticate.ts";
import { listAudit } from "../auth/store/audit.ts";
import { indexEpoch, listEpochs, purgeCache } from "../libraries/index.ts";
import type { AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readOptionalJson } from "../platform/http/json-body.ts";
import { decodeCursor, decodeNumber, pageOf, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";

const auditQuery = auditFilterSchema.extend(pageQuery);
const epochQuery = z.strictObject(pageQuery);
const operator = requireScope("admin", { operator: true });

export const adminRecords = new Hono<AppEnv>()
  .get("/audit", operator, async (c) => {
    const { limit, cursor, ...filter } = parseWith(auditQuery, c.req.query());
    const rows = await listAudit(c.env.DB, filter, decodeNumber(cursor), limit + 1);
    const { data, next_cursor } = pageOf(rows, limit, (row) => [String(row.number)]);
    return c.json({ data: data.map(auditView), next_cursor });
  })
  .all("/audit", onlyMethods("GET"))
  .post("/cache/purge", operator, async (c) => {
    const what = parseWith(purgeCacheSchema, await readOptionalJson(c));
    const libraries = await purgeCache(requestContextOf(c.env, c.executionCtx), what);
    await auditDone(c.env.DB, { by: c.get("caller"), action: "cache.purge", subject: what });
    return c.json({ libraries });
  })
  .all("/cache/purge", onlyMethods("POST"))
  .get("/epochs", operator, async (c) => {
    const { limit, cursor } = parseWith(epochQuery, c.req.query());
    const rows = await listEpochs(c.env.DB, decodeCursor(cursor, 2), limit + 1);
    const page = pageOf(rows, limit, ({ tenant, library }) => [tenant, library]);
    return c.json({ index: await indexEpoch(c.env.DB), ...page });
  })
  .all("/epochs", onlyMethods("GET"));
