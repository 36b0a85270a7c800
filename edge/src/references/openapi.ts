import {
  nameSchema,
  patchReferenceSchema,
  referenceBodySchema,
  referenceFilterSchema,
  referenceIdSchema,
  referenceOptionsSchema,
  referenceSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { pageQuery, pageSchema } from "../platform/http/paging.ts";
import type { Operation } from "../platform/openapi/operation.ts";
import { UPLOAD_PROBLEMS, VIDEO_PROBLEMS, videoBody, waitHeader } from "../platform/openapi/video-input.ts";

const tag = "References";
const reference = referenceSchema.meta({ id: "Reference" });
const parameters = z.object({ id: referenceIdSchema });
const query = z.object({ library: nameSchema.optional() });
const etag = { etag: "Of this state of the reference, for `If-Match`." };

export const REFERENCE_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/references",
    id: "createReference",
    tag,
    summary: "Add a video to a library",
    description:
      "Give a URL or an upload as JSON, or the bytes with the options in the query string (`metadata` as JSON).",
    scope: "references:write",
    query: referenceOptionsSchema.partial().extend({ metadata: z.string().optional() }),
    headers: waitHeader,
    body: videoBody(referenceBodySchema),
    answers: {
      200: { description: "This video is in the library already.", schema: reference },
      201: { description: "Added.", schema: reference, headers: { location: "The reference." } },
      202: {
        description: "Accepted: it will be added.",
        schema: reference,
        headers: { location: "The reference.", "retry-after": "Seconds until asking makes sense." },
      },
    },
    problems: [
      ...VIDEO_PROBLEMS,
      "not_fully_seen",
      ...UPLOAD_PROBLEMS,
      "reference_id_conflict",
      "reference_content_conflict",
    ],
  },
  {
    method: "get",
    path: "/v1/references",
    id: "listReferences",
    tag,
    summary: "References of a library, newest first",
    description:
      "`metadata.KEY=VALUE` narrows the list to references whose metadata has that text, number or truth value " +
      "at that top-level key; up to ten of them, all of which must hold. A page of such a list may be short, or " +
      "empty, although `next_cursor` says that there may be more.",
    scope: "references:read",
    query: referenceFilterSchema.partial().extend(pageQuery).catchall(z.string()),
    answers: { 200: { description: "A page of references.", schema: pageSchema(reference) } },
  },
  {
    method: "get",
    path: "/v1/references/{id}",
    id: "getReference",
    tag,
    summary: "A reference",
    scope: "references:read",
    parameters,
    query,
    answers: { 200: { description: "The reference.", schema: reference, headers: etag } },
    problems: ["reference_not_found"],
  },
  {
    method: "patch",
    path: "/v1/references/{id}",
    id: "patchReference",
    tag,
    summary: "Change a reference's metadata",
    description: "A JSON merge patch (RFC 7396): what is null goes, what is not named stays.",
    scope: "references:write",
    parameters,
    query,
    headers: z.object({
      "if-match": z.string().optional().meta({ description: "Patch only the state with this ETag." }),
    }),
    body: {
      "application/json": patchReferenceSchema,
      "application/merge-patch+json": patchReferenceSchema,
    },
    answers: { 200: { description: "The reference.", schema: reference, headers: etag } },
    problems: ["reference_not_found", "precondition_failed", "unsupported_media_type", "overloaded"],
  },
  {
    method: "post",
    path: "/v1/references/{id}/disable",
    id: "disableReference",
    tag,
    summary: "Take a reference out of all verdicts",
    description: "From the next check on, and until it is enabled. Nothing is deleted.",
    scope: "references:write",
    parameters,
    query,
    answers: { 200: { description: "The reference.", schema: reference, headers: etag } },
    problems: ["reference_not_found"],
  },
  {
    method: "post",
    path: "/v1/references/{id}/enable",
    id: "enableReference",
    tag,
    summary: "Bring a disabled reference back",
    scope: "references:write",
    parameters,
    query,
    answers: { 200: { description: "The reference.", schema: reference, headers: etag } },
    problems: ["reference_not_found"],
  },
  {
    method: "delete",
    path: "/v1/references/{id}",
    id: "deleteReference",
    tag,
    summary: "Delete a reference",
    description: "From now on it is in no verdict.",
    scope: "references:write",
    parameters,
    query,
    answers: { 204: { description: "Deleted." } },
    problems: ["reference_not_found"],
  },
];
