import type { ReferenceKey } from "@twinframe/shared/contract";
import {
  DEFAULT_LIBRARY,
  nameSchema,
  patchReferenceSchema,
  referenceFilterSchema,
  referenceOptionsSchema,
} from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { auditDone } from "../auth/audit.ts";
import { requireScope } from "../auth/authenticate.ts";
import { readSubmission } from "../ingest/submission.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson, requireType } from "../platform/http/json-body.ts";
import { decodeCursor, encodeCursor, pageQuery } from "../platform/http/paging.ts";
import { preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { addReference } from "./add.ts";
import { switchReference } from "./availability.ts";
import { etagOf } from "./etag.ts";
import { readMetadataFilters } from "./metadata-filters.ts";
import { patchReference } from "./patch.ts";
import { removeReference } from "./remove.ts";
import { listReferences } from "./store/reference-list.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { readReference, referenceView } from "./view.ts";

const querySchema = z.strictObject({ library: nameSchema.default(DEFAULT_LIBRARY) });
const listQuery = referenceFilterSchema.extend(pageQuery);

function keyOf(c: AppContext): ReferenceKey {
  const { library } = parseWith(querySchema, c.req.query());
  return { tenant: c.get("caller").tenant, library, id: c.req.param("id") ?? "" };
}

async function answer(c: AppContext, row: ReferenceRow): Promise<Response> {
  c.header("etag", await etagOf(row));
  return c.json(referenceView(row));
}

const switched = (disabled: boolean) => async (c: AppContext) => {
  const key = keyOf(c);
  const row = await switchReference(requestContextOf(c.env, c.executionCtx), key, disabled);
  const action = disabled ? "reference.disable" : "reference.enable";
  await auditDone(c.env.DB, { by: c.get("caller"), action, subject: key });
  return answer(c, row);
};

export const references = new Hono<AppEnv>()
  .post("/", requireScope("references:write"), async (c) => {
    const { options, origin } = await readSubmission(c, referenceOptionsSchema);
    const submission = { tenant: c.get("caller").tenant, options, origin, waitMs: preferredWaitMs(c) };
    const added = addReference(requestContextOf(c.env, c.executionCtx), submission);
    const { status, row } = await untilDone(c, added);
    const library = row.library === DEFAULT_LIBRARY ? "" : `?library=${row.library}`;
    c.header("location", `/v1/references/${encodeURIComponent(row.id)}${library}`);
    if (status === 202) c.header("retry-after", "1");
    return c.json(referenceView(row), status);
  })
  .get("/", requireScope("references:read"), async (c) => {
    const { metadata, others } = readMetadataFilters(c.req.queries());
    const { limit, cursor, ...filter } = parseWith(listQuery, others);
    const after = decodeCursor(cursor, 2);
    const { tenant } = c.get("caller");
    const { rows, next } = await listReferences(c.env.DB, tenant, filter, metadata, after, limit);
    return c.json({ data: rows.map(referenceView), next_cursor: next && encodeCursor(next) });
  })
  .all("/", onlyMethods("GET", "POST"))
  .get("/:id", requireScope("references:read"), async (c) =>
    answer(c, await readReference(requestContextOf(c.env, c.executionCtx), keyOf(c))),
  )
  .patch("/:id", requireScope("references:write"), async (c) => {
    requireType(c, ["application/json", "application/merge-patch+json"]);
    const key = keyOf(c);
    const patch = parseWith(patchReferenceSchema, await readJson(c));
    const context = requestContextOf(c.env, c.executionCtx);
    return answer(c, await patchReference(context, key, patch, c.req.header("if-match")));
  })
  .delete("/:id", requireScope("references:write"), async (c) => {
    await removeReference(requestContextOf(c.env, c.executionCtx), keyOf(c));
    return c.body(null, 204);
  })
  .all("/:id", onlyMethods("GET", "PATCH", "DELETE"))
  .post("/:id/disable", requireScope("references:write"), switched(true))
  .all("/:id/disable", onlyMethods("POST"))
  .post("/:id/enable", requireScope("references:write"), switched(false))
  .all("/:id/enable", onlyMethods("POST"));
