import type { ReferenceKey } from "@twinframe/shared/contract";
import { metadataSchema, type PatchReference } from "@twinframe/shared/contract";
import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { etagOf, holdsFor } from "./etag.ts";
import { mergePatch } from "./merge-patch.ts";
import { referenceNotFound } from "./remove.ts";
import { replaceMetadata } from "./store/reference-metadata.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { findReference } from "./store/references.ts";

/** Others may patch at the same time; each look sees what they did. */
const ATTEMPTS = 10;

/** Merges the patch into the reference, if it still is what `ifMatch` names. */
export async function patchReference(
  context: RequestContext,
  key: ReferenceKey,
  { metadata: patch }: PatchReference,
  ifMatch: string | undefined,
): Promise<ReferenceRow> {
  const db = context.bindings.DB;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const row = await findReference(db, key);
    if (row === null) throw referenceNotFound(key);
    if (ifMatch !== undefined && !holdsFor(ifMatch, await etagOf(row))) {
      throw new ProblemError(
        "precondition_failed",
        "The reference has changed since. Read it again, and send the patch with its new ETag.",
      );
    }
    if (patch === undefined) return row;
    const merged = metadataSchema.safeParse(mergePatch(JSON.parse(row.metadata), patch) ?? {});
    if (!merged.success) throw problemOfZodError(merged.error);
    const metadata = JSON.stringify(merged.data);
    if (await replaceMetadata(db, key, row.metadata, metadata)) return { ...row, metadata };
  }
  throw new ProblemError("overloaded", "Too many patches of this reference at once; send it again.");
}
