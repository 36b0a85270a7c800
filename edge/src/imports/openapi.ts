import {
  IMPORT_MAX_BYTES,
  IMPORT_MAX_LINES,
  importFilterSchema,
  importLineSchema,
  importLineStatusSchema,
  importSchema,
  nameSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { pageQuery, pageSchema } from "../platform/http/paging.ts";
import type { Operation } from "../platform/openapi/operation.ts";

const tag = "Imports";
const imported = importSchema.meta({ id: "Import" });
const line = importLineSchema.meta({ id: "ImportLine" });
const parameters = z.object({ id: z.string() });

export const IMPORT_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/imports",
    id: "createImport",
    tag,
    summary: "Add many references",
    description:
      "A CSV whose header names `url` and, if you like, `id`, `metadata` (JSON) and `metadata.NAME` (text); or " +
      `JSON Lines of \`{"url", "id", "metadata"}\`. At most ${IMPORT_MAX_LINES} lines and ` +
      `${IMPORT_MAX_BYTES} bytes. A line that cannot be taken fails alone.`,
    scope: "references:write",
    query: z.object({ library: nameSchema.optional() }),
    body: { "text/csv": z.string(), "application/x-ndjson": z.string() },
    answers: {
      202: {
        description: "Accepted: every line will be worked.",
        schema: imported,
        headers: {
          location: "Where its progress is told.",
          "retry-after": "Seconds until asking makes sense.",
        },
      },
    },
    problems: ["request_too_large", "unsupported_media_type"],
  },
  {
    method: "get",
    path: "/v1/imports",
    id: "listImports",
    tag,
    summary: "Imports, newest first",
    scope: "references:read",
    query: importFilterSchema.extend(pageQuery),
    answers: { 200: { description: "A page of imports.", schema: pageSchema(imported) } },
  },
  {
    method: "get",
    path: "/v1/imports/{id}",
    id: "getImport",
    tag,
    summary: "An import and its progress",
    scope: "references:read",
    parameters,
    answers: { 200: { description: "The import.", schema: imported } },
    problems: ["import_not_found"],
  },
  {
    method: "get",
    path: "/v1/imports/{id}/lines",
    id: "listImportLines",
    tag,
    summary: "What became of each line, in the file's order",
    scope: "references:read",
    parameters,
    query: z.strictObject({ status: importLineStatusSchema.optional(), ...pageQuery }),
    answers: { 200: { description: "A page of lines.", schema: pageSchema(line) } },
    problems: ["import_not_found"],
  },
  {
    method: "post",
    path: "/v1/imports/{id}/cancel",
    id: "cancelImport",
    tag,
    summary: "Begin no further line of an import",
    description:
      "What is under way ends as it does, and what was added stays. Cancelling again changes nothing.",
    scope: "references:write",
    parameters,
    answers: { 200: { description: "The import.", schema: imported } },
    problems: ["import_not_found", "import_finished"],
  },
];
