import type { Reference, ReferenceKey } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { referenceNotFound } from "./remove.ts";
import { findFailure } from "./store/reference-failures.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { findReference } from "./store/references.ts";

export const referenceView = (row: ReferenceRow): Reference => ({
  id: row.id,
  library: row.library,
  status: row.disabled_at === null ? row.status : "disabled",
  sha256: row.sha256,
  duration_s: row.duration_s,
  seen_s: row.seen_s,
  frames: row.frames,
  created_at: row.created_at,
  metadata: JSON.parse(row.metadata),
});

/** The reference, or why there is none: also when it was promised and could not be indexed. */
export async function readReference(context: RequestContext, key: ReferenceKey): Promise<ReferenceRow> {
  const row = await findReference(context.bindings.DB, key);
  if (row !== null) return row;
  const failure = await findFailure(context.bindings.DB, key);
  if (failure === null) throw referenceNotFound(key);
  throw new ProblemError(
    "reference_not_found",
    `"${key.id}" could not be indexed (${failure.code}): ${failure.detail}`,
  );
}
