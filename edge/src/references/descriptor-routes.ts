// A reference's vectors.

import { DEFAULT_LIBRARY, descriptorsSchema, nameSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { decodeCursor, encodeCursor, pageQuery } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { json } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { readDescriptors } from "./descriptors.ts";
import { oneReference } from "./one-reference.ts";

/** A page starts at a frame's number. */
function offsetOf(cursor: string | undefined): number {
  const [text = "0"] = decodeCursor(cursor, 1) ?? [];
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ProblemError("invalid_request", "Use a cursor as a page gave it, or leave it out.", {
    errors: [{ pointer: "/cursor", detail: "is not a cursor of this list" }],
  });
}

export const descriptors = new Api().serve(
  createRoute({
    method: "get",
    path: "/v1/references/{id}/descriptors",
    operationId: "getDescriptors",
    tags: ["References"],
    summary: "A reference's vectors, frame by frame",
    description:
      "In the order of time, a page at a time; a page may have fewer frames than its limit where vectors are " +
      "long. They are told with five digits, and the index keeps a byte a dimension.",
    ...needs("references:read"),
    ...oneReference,
    request: {
      ...oneReference.request,
      query: z.strictObject({ library: nameSchema.default(DEFAULT_LIBRARY), ...pageQuery }),
    },
    responses: {
      200: { description: "A page.", content: json(descriptorsSchema.meta({ id: "Descriptors" })) },
    },
    problems: ["reference_not_found", "index_unavailable"],
  }),
  async (c) => {
    const { library, limit, cursor } = c.req.valid("query");
    const key = { tenant: tenantOf(c), library, id: c.req.valid("param").id };
    const slice = { offset: offsetOf(cursor), limit };
    const { nextOffset, ...page } = await readDescriptors(contextOf(c), key, slice);
    const next_cursor = nextOffset === null ? null : encodeCursor([String(nextOffset)]);
    return c.json({ ...page, next_cursor }, 200);
  },
);
