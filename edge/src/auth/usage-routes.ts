import { nameSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import type { AppEnv } from "../platform/http/http-types.ts";
import { parseWith } from "../platform/http/json-body.ts";
import { decodeCursor, pageOf, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requireScope } from "./authenticate.ts";
import { tenantOf } from "./routes.ts";

const querySchema = z.strictObject({
  tenant: nameSchema.optional(),
  from: z.iso.date().default("0000-01-01"),
  to: z.iso.date().default("9999-12-31"),
  ...pageQuery,
});

export const usage = new Hono<AppEnv>()
  .get("/", requireScope("admin"), async (c) => {
    const { tenant, from, to, limit, cursor } = parseWith(querySchema, c.req.query());
    const seen = decodeCursor(cursor, 2);
    const quota = c.env.QUOTAS.get(c.env.QUOTAS.idFromName(tenantOf(c, tenant)));
    const after = seen === null ? null : { day: seen[0]!, keyId: seen[1]! };
    const rows = await quota.usage({ from, to, after, limit: limit + 1 });
    return c.json(pageOf(rows, limit, (row) => [row.day, row.key_id]));
  })
  .all("/", onlyMethods("GET"));
