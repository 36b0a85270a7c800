import { usageSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import { decodeCursor, pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { json } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { needs } from "./access.ts";
import { quotaOf } from "./places.ts";
import { namedTenant, permittedTenant } from "./tenant-of-key.ts";

const usageQuery = z.strictObject({
  tenant: namedTenant,
  from: z.iso.date().optional(),
  to: z.iso.date().optional().meta({ description: "Included." }),
  ...pageQuery,
});

export const usage = new Api().serve(
  createRoute({
    method: "get",
    path: "/v1/usage",
    operationId: "listUsage",
    tags: ["Keys"],
    summary: "Requests by day and key, newest day first",
    description: "Days are of UTC; they are kept for 400 days.",
    ...needs("admin"),
    request: { query: usageQuery },
    responses: {
      200: { description: "A page.", content: json(pageSchema(usageSchema.meta({ id: "Usage" }))) },
    },
  }),
  async (c) => {
    const { tenant, from = "0000-01-01", to = "9999-12-31", limit, cursor } = c.req.valid("query");
    const seen = decodeCursor(cursor, 2);
    const after = seen === null ? null : { day: seen[0]!, keyId: seen[1]! };
    const quota = quotaOf(c.env, permittedTenant(c.get("caller"), tenant));
    const rows = await quota.usage({ from, to, after, limit: limit + 1 });
    return c.json(
      pageOf(rows, limit, (row) => [row.day, row.key_id]),
      200,
    );
  },
);
