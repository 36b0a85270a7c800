// What the edge has decided about a library's entries, brought to all generations: which are to go, which are out of
// searches and which are back. Asked for again, nothing more happens.

import type { EntryChanges } from "@twinframe/shared/contract";
import { requireNotAnothers } from "../index/expectation.ts";
import { bringIntoStep } from "./in-step.ts";
import { libraryKey } from "./library-key.ts";
import type { Stages } from "./stages.ts";

type Asked = Pick<Stages, "index" | "allGenerations" | "referenceLock">;

/** How often the library has been written since. */
export async function changeEntries(
  { installation, tenant, library: name, changes }: EntryChanges,
  { index, allGenerations, referenceLock }: Asked,
): Promise<number> {
  requireNotAnothers(await index.installation(), installation);
  const library = libraryKey(tenant, name);
  using held = await allGenerations();
  for (const { id, job_id: jobId, availability } of changes)
    await referenceLock.hold(`${library}/${id}`, async () => {
      for (const { index: each } of held.all)
        if (availability === null) await each.deleteReference(library, id, jobId);
        else await each.setAvailability(library, id, jobId, availability);
    });
  await bringIntoStep(held.all, library);
  return (await index.standing(library)).epoch;
}
