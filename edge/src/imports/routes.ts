import {
  DEFAULT_LIBRARY,
  IMPORT_MAX_BYTES,
  importFilterSchema,
  importLineStatusSchema,
  nameSchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { Hono } from "hono";
import { z } from "zod";
import { requireScope } from "../auth/authenticate.ts";
import { refuseAddress } from "../ingest/refuse-address.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { boundedText, parseWith, requireType } from "../platform/http/json-body.ts";
import { decodeCursor, decodeNumber, pageOf, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { cancelImport, findOwnImport } from "./own-import.ts";
import { type ImportFormat, readLines } from "./read-lines.ts";
import { listLines } from "./store/import-lines.ts";
import { listImports } from "./store/imports.ts";
import { submitImport } from "./submit.ts";
import { importView, lineView } from "./view.ts";

const FORMATS: ImportFormat[] = ["text/csv", "application/x-ndjson"];

const createQuery = z.strictObject({ library: nameSchema.default(DEFAULT_LIBRARY) });
const listQuery = importFilterSchema.extend(pageQuery);
const linesQuery = z.strictObject({ status: importLineStatusSchema.optional(), ...pageQuery });

const servicesFor = (c: AppContext) => requestContextOf(c.env, c.executionCtx);
const tenantOf = (c: AppContext) => c.get("caller").tenant;
const ownImport = (c: AppContext) => findOwnImport(servicesFor(c), tenantOf(c), c.req.param("id") ?? "");

async function readBody(c: AppContext): Promise<string> {
  try {
    return await boundedText(c, IMPORT_MAX_BYTES);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError("invalid_request", "Send the lines as text in UTF-8.");
  }
}

export const imports = new Hono<AppEnv>()
  .post("/", requireScope("references:write"), async (c) => {
    const format = requireType(c, FORMATS) as ImportFormat;
    const { library } = parseWith(createQuery, c.req.query());
    const context = servicesFor(c);
    const { tenant, keyId } = c.get("caller");
    const text = await readBody(c);
    const lines = readLines(text, format, (url) => refuseAddress(url, context.config, tenant));
    const bytes = new TextEncoder().encode(text).byteLength;
    const id = await submitImport(context, { tenant, keyId, library, lines, bytes });
    c.header("location", `/v1/imports/${id}`);
    c.header("retry-after", "1");
    return c.json(importView(await findOwnImport(context, tenantOf(c), id)), 202);
  })
  .get("/", requireScope("references:read"), async (c) => {
    const { limit, cursor, ...filter } = parseWith(listQuery, c.req.query());
    const rows = await listImports(c.env.DB, tenantOf(c), filter, decodeCursor(cursor, 2), limit + 1);
    const { data, next_cursor } = pageOf(rows, limit, (row) => [row.created_at, row.id]);
    return c.json({ data: data.map(importView), next_cursor });
  })
  .all("/", onlyMethods("GET", "POST"))
  .get("/:id", requireScope("references:read"), async (c) => {
    const row = await ownImport(c);
    if (row.completed_at === null) c.header("retry-after", "1");
    return c.json(importView(row));
  })
  .all("/:id", onlyMethods("GET"))
  .get("/:id/lines", requireScope("references:read"), async (c) => {
    const { limit, cursor, status } = parseWith(linesQuery, c.req.query());
    const { id } = await ownImport(c);
    const rows = await listLines(c.env.DB, id, status, decodeNumber(cursor) ?? 0, limit + 1);
    const { data, next_cursor } = pageOf(rows, limit, (row) => [String(row.line)]);
    return c.json({ data: data.map(lineView), next_cursor });
  })
  .all("/:id/lines", onlyMethods("GET"))
  .post("/:id/cancel", requireScope("references:write"), async (c) =>
    c.json(importView(await cancelImport(servicesFor(c), tenantOf(c), c.req.param("id") ?? ""))),
  )
  .all("/:id/cancel", onlyMethods("POST"));
