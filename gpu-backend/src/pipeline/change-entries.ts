// Applies what the edge has decided about a library's entries to all generations: deletes them, takes them out of
// searches, or back in. Idempotent.

import type { EntryChanges } from "@twinframe/shared/contract";
import { requireOwnOrUnclaimed } from "../index/expectation.ts";
import { libraryKey } from "./library-key.ts";
import type { WriteStage } from "./stages.ts";
import { syncEpochs } from "./sync-generations.ts";

/** The library's epoch afterwards. Throws `index_unavailable` when the index is another installation's. */
export async function changeEntries(
  { installation, tenant, library: name, changes }: EntryChanges,
  { index, allGenerations, referenceMutex }: Omit<WriteStage, "embedder" | "generation">,
): Promise<number> {
  requireOwnOrUnclaimed(await index.installation(), installation);
  const library = libraryKey(tenant, name);
  using held = await allGenerations();
  for (const { id, job_id: jobId, availability } of changes)
    await referenceMutex.runExclusive(`${library}/${id}`, async () => {
      for (const { index: each } of held.all)
        if (availability === null) await each.deleteReference(library, id, jobId);
        else await each.setAvailability(library, id, jobId, availability);
    });
  await syncEpochs(held.all, library);
  return (await index.standing(library)).epoch;
}
