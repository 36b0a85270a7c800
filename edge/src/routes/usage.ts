import { nameSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { requireScope } from "../middleware/authenticate.ts";
import type { AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { parseWith } from "./json-body.ts";
import { tenantOf } from "./keys.ts";
import { decodeCursor, pageOf, pageQuery } from "./paging.ts";

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
