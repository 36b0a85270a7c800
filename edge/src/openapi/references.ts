import {
  nameSchema,
  referenceBodySchema,
  referenceIdSchema,
  referenceOptionsSchema,
  referenceSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import type { Operation } from "./operation.ts";
import { UPLOAD_PROBLEMS, VIDEO_PROBLEMS, videoBody, waitHeader } from "./video-input.ts";

const tag = "References";
const reference = referenceSchema.meta({ id: "Reference" });
const parameters = z.object({ id: referenceIdSchema });
const query = z.object({ library: nameSchema.optional() });

export const REFERENCE_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/references", id: "createReference", tag },
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
    problems: [...VIDEO_PROBLEMS, ...UPLOAD_PROBLEMS, "reference_id_conflict", "reference_content_conflict"],
  },
  {
    ...{ method: "get", path: "/v1/references/{id}", id: "getReference", tag },
    summary: "A reference",
    scope: "references:read",
    ...{ parameters, query },
    answers: { 200: { description: "The reference.", schema: reference } },
    problems: ["reference_not_found"],
  },
  {
    ...{ method: "delete", path: "/v1/references/{id}", id: "deleteReference", tag },
    summary: "Delete a reference",
    description: "From now on it is in no verdict.",
    scope: "references:write",
    ...{ parameters, query },
    answers: { 204: { description: "Deleted." } },
    problems: ["reference_not_found"],
  },
];
