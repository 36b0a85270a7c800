import type { ReferenceKey } from "@twinframe/shared/contract";
import type { RequestContext } from "../platform/request-context.ts";
import { referenceNotFound } from "./remove.ts";
import { setDisabled } from "./store/reference-availability.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { findReference } from "./store/references.ts";
import { tellIndex } from "./tell-index.ts";

/** Takes a reference out of all verdicts, or back in: from the next check on. Nothing is deleted. */
export async function switchReference(
  context: RequestContext,
  key: ReferenceKey,
  disabled: boolean,
): Promise<ReferenceRow> {
  const { DB } = context.bindings;
  await setDisabled(DB, key, disabled, new Date().toISOString());
  const row = await findReference(DB, key);
  if (row === null) throw referenceNotFound(key);
  // Where it fails, the next check tells it.
  if (row.availability !== row.availability_told) context.defer(tellIndex(context, key.tenant, key.library));
  return row;
}
