import { descriptorsSchema, nameSchema, referenceIdSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import { pageQuery } from "../platform/http/paging.ts";
import type { Operation } from "../platform/openapi/operation.ts";

export const DESCRIPTOR_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/references/{id}/descriptors",
    id: "getDescriptors",
    tag: "References",
    summary: "A reference's vectors, frame by frame",
    description:
      "In the order of time, a page at a time; a page may have fewer frames than its limit where vectors are " +
      "long. They are told with five digits, and the index keeps a byte a dimension.",
    scope: "references:read",
    parameters: z.object({ id: referenceIdSchema }),
    query: z.object({ library: nameSchema.optional(), ...pageQuery }).partial(),
    answers: { 200: { description: "A page.", schema: descriptorsSchema.meta({ id: "Descriptors" }) } },
    problems: ["reference_not_found", "index_unavailable"],
  },
];
