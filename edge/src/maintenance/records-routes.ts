// Who did what, and what cached verdicts are kept under. For operators.

import {
  auditEntrySchema,
  auditFilterSchema,
  epochSchema,
  purgeCacheSchema,
  purgedCacheSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { auditDone, auditView } from "../auth/audit.ts";
import { listAudit } from "../auth/store/audit.ts";
import { indexEpoch, listEpochs, purgeCache } from "../libraries/index.ts";
import { contextOf } from "../platform/http/of-request.ts";
import { decodeCursor, decodeNumber, pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { json, optionalJsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";

export const adminRecords = new Api()
  .serve(
    createRoute({
      method: "get",
      path: "/v1/admin/audit",
      operationId: "listAudit",
      tags: ["Maintenance"],
      summary: "Who did what, newest first",
      description:
        "Maintenance, keys, policies, and references taken out of verdicts and back; `action` may be a beginning.",
      ...needs("admin", { operator: true }),
      request: { query: auditFilterSchema.extend(pageQuery) },
      responses: {
        200: {
          description: "A page.",
          content: json(pageSchema(auditEntrySchema.meta({ id: "AuditEntry" }))),
        },
      },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid("query");
      const rows = await listAudit(c.env.DB, filter, decodeNumber(cursor), limit + 1);
      const { data, next_cursor } = pageOf(rows, limit, (row) => [String(row.number)]);
      return c.json({ data: data.map(auditView), next_cursor }, 200);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/admin/cache/purge",
      operationId: "purgeCache",
      tags: ["Maintenance"],
      summary: "Forget cached verdicts: all, a tenant's, or a library's",
      ...needs("admin", { operator: true }),
      request: { body: optionalJsonBody(purgeCacheSchema) },
      responses: { 200: { description: "Forgotten.", content: json(purgedCacheSchema) } },
    }),
    async (c) => {
      const what = c.req.valid("json");
      const libraries = await purgeCache(contextOf(c), what);
      await auditDone(c.env.DB, { by: c.get("caller"), action: "cache.purge", subject: what });
      return c.json({ libraries }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/admin/epochs",
      operationId: "listEpochs",
      tags: ["Maintenance"],
      summary: "What cached verdicts are kept under",
      ...needs("admin", { operator: true }),
      request: { query: z.strictObject(pageQuery) },
      responses: {
        200: {
          description: "The index's epoch, and a page of those of libraries.",
          content: json(pageSchema(epochSchema).extend({ index: z.int().min(0) })),
        },
      },
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const rows = await listEpochs(c.env.DB, decodeCursor(cursor, 2), limit + 1);
      const page = pageOf(rows, limit, ({ tenant, library }) => [tenant, library]);
      return c.json({ index: await indexEpoch(c.env.DB), ...page }, 200);
    },
  );
