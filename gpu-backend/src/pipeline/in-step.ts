// Generations count the same writes: each has at least the live one's epoch of a library, and an entry is out of
// searches in all of them or in none, so that any of them may take the live one's place.

import type { VectorIndex } from "../index/vector-index.ts";
import type { Stages } from "./stages.ts";

export interface WrittenEntry {
  library: string;
  id: string;
  jobId: string;
}

type Held = readonly Pick<Stages, "index">[];

/** After a write to all of them, the live one first. */
export async function bringIntoStep(all: Held, library: string): Promise<void> {
  const [live, ...others] = all;
  if (live === undefined || others.length === 0) return;
  const { epoch } = await live.index.standing(library);
  for (const { index } of others) await index.raiseEpochs([{ library, epoch }]);
}

/** After an entry came into some of them: it may have been taken out of the live one's searches. */
export async function copyAvailability({ library, id, jobId }: WrittenEntry, all: Held): Promise<void> {
  const [live, ...others] = all;
  if (live === undefined || others.length === 0) return;
  const entry = await live.index.getReference(library, id);
  if (entry?.jobId !== jobId || entry.availability === 0) return;
  for (const { index } of others) await index.setAvailability(library, id, jobId, entry.availability);
}

/** Before it takes the place of `live`, as a restored or a new one does. */
export async function succeed(next: VectorIndex, live: VectorIndex): Promise<void> {
  await next.raiseEpochs(await live.epochs());
  if ((await next.installation()) === null) await next.assignTo(await live.installation());
}
