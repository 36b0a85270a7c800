// What is alike in the routes of a single reference.

import { DEFAULT_LIBRARY, nameSchema, referenceIdSchema, referenceSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import { headers, idParams, json } from "../platform/openapi/content.ts";

export const reference = referenceSchema.meta({ id: "Reference" });

export const oneReference = {
  request: {
    params: idParams,
    query: z.strictObject({ library: nameSchema.default(DEFAULT_LIBRARY) }),
  },
  // An id that no reference can have answers 404, as one that none has.
  described: { params: z.object({ id: referenceIdSchema }) },
};

export const referenceWithEtag = {
  description: "The reference.",
  content: json(reference),
  headers: headers({ etag: "Of this state of the reference, for `If-Match`." }),
};
