import {
  DEFAULT_LIBRARY,
  IMPORT_MAX_BYTES,
  IMPORT_MAX_LINES,
  importFilterSchema,
  importLineSchema,
  importLineStatusSchema,
  importSchema,
  nameSchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { refuseAddress } from "../ingest/refuse-address.ts";
import type { AppContext } from "../platform/http/http-types.ts";
import { boundedText, requireType } from "../platform/http/json-body.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { decodeCursor, decodeNumber, pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { idParams, json, whereToAsk } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { cancelImport, findOwnImport } from "./own-import.ts";
import { type ImportFormat, readLines } from "./read-lines.ts";
import { listLines } from "./store/import-lines.ts";
import { listImports } from "./store/imports.ts";
import { submitImport } from "./submit.ts";
import { importView, lineView } from "./view.ts";

const imported = importSchema.meta({ id: "Import" });
const FORMATS: ImportFormat[] = ["text/csv", "application/x-ndjson"];

async function readText(c: AppContext): Promise<string> {
  try {
    return await boundedText(c, IMPORT_MAX_BYTES);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError("invalid_request", "Send the lines as text in UTF-8.");
  }
}

export const imports = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/imports",
      operationId: "createImport",
      tags: ["Imports"],
      summary: "Add many references",
      description:
        "A CSV whose header names `url` and, if you like, `id`, `metadata` (JSON) and `metadata.NAME` (text); or " +
        `JSON Lines of \`{"url", "id", "metadata"}\`. At most ${IMPORT_MAX_LINES} lines and ` +
        `${IMPORT_MAX_BYTES} bytes. A line that cannot be taken fails alone.`,
      ...needs("references:write"),
      request: { query: z.strictObject({ library: nameSchema.default(DEFAULT_LIBRARY) }) },
      described: {
        body: {
          required: true,
          content: { "text/csv": { schema: z.string() }, "application/x-ndjson": { schema: z.string() } },
        },
      },
      responses: {
        202: {
          description: "Accepted: every line will be worked.",
          content: json(imported),
          headers: whereToAsk("Where its progress is told."),
        },
      },
      problems: ["request_too_large", "unsupported_media_type"],
    }),
    async (c) => {
      const format = requireType(c, FORMATS) as ImportFormat;
      const { library } = c.req.valid("query");
      const context = contextOf(c);
      const { tenant, keyId } = c.get("caller");
      const text = await readText(c);
      const lines = readLines(text, format, (url) => refuseAddress(url, context.config, tenant));
      const bytes = new TextEncoder().encode(text).byteLength;
      const id = await submitImport(context, { tenant, keyId, library, lines, bytes });
      c.header("location", `/v1/imports/${id}`);
      c.header("retry-after", "1");
      return c.json(importView(await findOwnImport(context, tenant, id)), 202);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/imports",
      operationId: "listImports",
      tags: ["Imports"],
      summary: "Imports, newest first",
      ...needs("references:read"),
      request: { query: importFilterSchema.extend(pageQuery) },
      responses: { 200: { description: "A page of imports.", content: json(pageSchema(imported)) } },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid("query");
      const rows = await listImports(c.env.DB, tenantOf(c), filter, decodeCursor(cursor, 2), limit + 1);
      const { data, next_cursor } = pageOf(rows, limit, (row) => [row.created_at, row.id]);
      return c.json({ data: data.map(importView), next_cursor }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/imports/{id}",
      operationId: "getImport",
      tags: ["Imports"],
      summary: "An import and its progress",
      ...needs("references:read"),
      request: { params: idParams },
      responses: { 200: { description: "The import.", content: json(imported) } },
      problems: ["import_not_found"],
    }),
    async (c) => {
      const row = await findOwnImport(contextOf(c), tenantOf(c), c.req.valid("param").id);
      if (row.completed_at === null) c.header("retry-after", "1");
      return c.json(importView(row), 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/imports/{id}/lines",
      operationId: "listImportLines",
      tags: ["Imports"],
      summary: "What became of each line, in the file's order",
      ...needs("references:read"),
      request: {
        params: idParams,
        query: z.strictObject({ status: importLineStatusSchema.optional(), ...pageQuery }),
      },
      responses: {
        200: {
          description: "A page of lines.",
          content: json(pageSchema(importLineSchema.meta({ id: "ImportLine" }))),
        },
      },
      problems: ["import_not_found"],
    }),
    async (c) => {
      const { limit, cursor, status } = c.req.valid("query");
      const { id } = await findOwnImport(contextOf(c), tenantOf(c), c.req.valid("param").id);
      const rows = await listLines(c.env.DB, id, status, decodeNumber(cursor) ?? 0, limit + 1);
      const { data, next_cursor } = pageOf(rows, limit, (row) => [String(row.line)]);
      return c.json({ data: data.map(lineView), next_cursor }, 200);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/imports/{id}/cancel",
      operationId: "cancelImport",
      tags: ["Imports"],
      summary: "Begin no further line of an import",
      description:
        "What is under way ends as it does, and what was added stays. Cancelling again changes nothing.",
      ...needs("references:write"),
      request: { params: idParams },
      responses: { 200: { description: "The import.", content: json(imported) } },
      problems: ["import_not_found", "import_finished"],
    }),
    async (c) => {
      const row = await cancelImport(contextOf(c), tenantOf(c), c.req.valid("param").id);
      return c.json(importView(row), 200);
    },
  );
