import type { ReferenceKey } from "../jobs/messages.ts";
import type { Services } from "../services.ts";
import { setDisabled } from "../stores/reference-availability.ts";
import { findReference } from "../stores/references.ts";
import type { ReferenceRow } from "../stores/rows.ts";
import { referenceNotFound } from "./remove.ts";

/** Takes a reference out of all verdicts, or back in: from the next check on. Nothing is deleted. */
export async function switchReference(
  { bindings }: Services,
  key: ReferenceKey,
  disabled: boolean,
): Promise<ReferenceRow> {
  await setDisabled(bindings.DB, key, disabled, new Date().toISOString());
  const row = await findReference(bindings.DB, key);
  if (row === null) throw referenceNotFound(key);
  return row;
}
