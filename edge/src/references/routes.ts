import {
  DEFAULT_LIBRARY,
  patchReferenceSchema,
  referenceBodySchema,
  referenceFilterSchema,
  referenceOptionsSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { readSubmission } from "../ingest/submission.ts";
import { parseWith, readJson, requireType } from "../platform/http/json-body.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { decodeCursor, encodeCursor, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { Api } from "../platform/openapi/api.ts";
import { headers, json, whereToAsk } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { UPLOAD_PROBLEMS, VIDEO_PROBLEMS, videoBody, waitHeader } from "../platform/openapi/video-input.ts";
import { addReference } from "./add.ts";
import { etagOf } from "./etag.ts";
import { readMetadataFilters } from "./metadata-filters.ts";
import { oneReference, reference, referenceWithEtag } from "./one-reference.ts";
import { patchReference } from "./patch.ts";
import { removeReference } from "./remove.ts";
import { listReferences } from "./store/reference-list.ts";
import { readReference, referenceView } from "./view.ts";

const listQuery = referenceFilterSchema.extend(pageQuery);

export const references = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/references",
      operationId: "createReference",
      tags: ["References"],
      summary: "Add a video to a library",
      description:
        "Give a URL or an upload as JSON, or the bytes with the options in the query string (`metadata` as JSON).",
      ...needs("references:write"),
      described: {
        query: referenceOptionsSchema.partial().extend({ metadata: z.string().optional() }),
        headers: waitHeader,
        body: videoBody(referenceBodySchema),
      },
      responses: {
        200: { description: "This video is in the library already.", content: json(reference) },
        201: {
          description: "Added.",
          content: json(reference),
          headers: headers({ location: "The reference." }),
        },
        202: {
          description: "Accepted: it will be added.",
          content: json(reference),
          headers: whereToAsk("The reference."),
        },
      },
      problems: [
        ...VIDEO_PROBLEMS,
        "not_fully_seen",
        ...UPLOAD_PROBLEMS,
        "reference_id_conflict",
        "reference_content_conflict",
      ],
    }),
    async (c) => {
      const { options, origin } = await readSubmission(c, referenceOptionsSchema);
      const submission = { tenant: tenantOf(c), options, origin, waitMs: preferredWaitMs(c) };
      const { status, row } = await untilDone(c, addReference(contextOf(c), submission));
      const library = row.library === DEFAULT_LIBRARY ? "" : `?library=${row.library}`;
      c.header("location", `/v1/references/${encodeURIComponent(row.id)}${library}`);
      if (status === 202) c.header("retry-after", "1");
      return c.json(referenceView(row), status);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/references",
      operationId: "listReferences",
      tags: ["References"],
      summary: "References of a library, newest first",
      description:
        "`metadata.KEY=VALUE` narrows the list to references whose metadata has that text, number or truth value " +
        "at that top-level key; up to ten of them, all of which must hold. A page of such a list may be short, or " +
        "empty, although `next_cursor` says that there may be more.",
      ...needs("references:read"),
      described: { query: referenceFilterSchema.partial().extend(pageQuery).catchall(z.string()) },
      responses: { 200: { description: "A page of references.", content: json(pageSchema(reference)) } },
    }),
    async (c) => {
      const { metadata, others } = readMetadataFilters(c.req.queries());
      const { limit, cursor, ...filter } = parseWith(listQuery, others);
      const after = decodeCursor(cursor, 2);
      const { rows, next } = await listReferences(c.env.DB, tenantOf(c), filter, metadata, after, limit);
      return c.json({ data: rows.map(referenceView), next_cursor: next && encodeCursor(next) }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/references/{id}",
      operationId: "getReference",
      tags: ["References"],
      summary: "A reference",
      ...needs("references:read"),
      ...oneReference,
      responses: { 200: referenceWithEtag },
      problems: ["reference_not_found"],
    }),
    async (c) => {
      const key = { tenant: tenantOf(c), ...c.req.valid("query"), ...c.req.valid("param") };
      const row = await readReference(contextOf(c), key);
      c.header("etag", await etagOf(row));
      return c.json(referenceView(row), 200);
    },
  )
  .serve(
    createRoute({
      method: "patch",
      path: "/v1/references/{id}",
      operationId: "patchReference",
      tags: ["References"],
      summary: "Change a reference's metadata",
      description: "A JSON merge patch (RFC 7396): what is null goes, what is not named stays.",
      ...needs("references:write"),
      request: {
        ...oneReference.request,
        headers: z.object({
          "if-match": z.string().optional().meta({ description: "Patch only the state with this ETag." }),
        }),
      },
      described: {
        ...oneReference.described,
        body: {
          required: true,
          content: {
            ...json(patchReferenceSchema),
            "application/merge-patch+json": { schema: patchReferenceSchema },
          },
        },
      },
      responses: { 200: referenceWithEtag },
      problems: ["reference_not_found", "precondition_failed", "unsupported_media_type", "overloaded"],
    }),
    async (c) => {
      requireType(c, ["application/json", "application/merge-patch+json"]);
      const patch = parseWith(patchReferenceSchema, await readJson(c));
      const key = { tenant: tenantOf(c), ...c.req.valid("query"), ...c.req.valid("param") };
      const row = await patchReference(contextOf(c), key, patch, c.req.valid("header")["if-match"]);
      c.header("etag", await etagOf(row));
      return c.json(referenceView(row), 200);
    },
  )
  .serve(
    createRoute({
      method: "delete",
      path: "/v1/references/{id}",
      operationId: "deleteReference",
      tags: ["References"],
      summary: "Delete a reference",
      description: "From now on it is in no verdict.",
      ...needs("references:write"),
      ...oneReference,
      responses: { 204: { description: "Deleted." } },
      problems: ["reference_not_found"],
    }),
    async (c) => {
      const key = { tenant: tenantOf(c), ...c.req.valid("query"), ...c.req.valid("param") };
      await removeReference(contextOf(c), key);
      return c.body(null, 204);
    },
  );
