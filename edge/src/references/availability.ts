import type { ReferenceKey } from "../jobs/messages.ts";
import type { Services } from "../services.ts";
import { setDisabled } from "../stores/reference-availability.ts";
import { findReference } from "../stores/references.ts";
import type { ReferenceRow } from "../stores/rows.ts";
import { referenceNotFound } from "./remove.ts";
import { tellIndex } from "./tell-index.ts";

/** Takes a reference out of all verdicts, or back in: from the next check on. Nothing is deleted. */
export async function switchReference(
  services: Services,
  key: ReferenceKey,
  disabled: boolean,
): Promise<ReferenceRow> {
  const { DB } = services.bindings;
  await setDisabled(DB, key, disabled, new Date().toISOString());
  const row = await findReference(DB, key);
  if (row === null) throw referenceNotFound(key);
  // Where it fails, the next check tells it.
  if (row.availability !== row.availability_told)
    services.defer(tellIndex(services, key.tenant, key.library));
  return row;
}
