import type { ReferenceKey } from "@twinframe/shared/contract";
import { referenceIdSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { referenceNotFound } from "./remove.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { findReference } from "./store/references.ts";

/** A reference that is in the index, also one that is out of verdicts for now. Problem: `reference_not_found`. */
export async function readyReference({ bindings }: RequestContext, key: ReferenceKey): Promise<ReferenceRow> {
  // What cannot be an id need not be looked up, and cannot harm the look-up.
  const row = referenceIdSchema.safeParse(key.id).success ? await findReference(bindings.DB, key) : null;
  if (row === null) throw referenceNotFound(key);
  if (row.status === "ready") return row;
  throw new ProblemError(
    "reference_not_found",
    `"${key.id}" is still being indexed. Ask again when GET /v1/references/${key.id} says "ready".`,
  );
}

/** Whether a reference may be named in what is found: it is there, and nobody has taken it out. */
export const takesPart = (row: ReferenceRow | undefined): row is ReferenceRow =>
  row !== undefined && row.status === "ready" && row.disabled_at === null;
