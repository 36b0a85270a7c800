// Keeps generations in step: each counts at least the live one's epoch of a library, and an entry is out of searches in
// all of them or in none, so that any of them may replace the live one.

import type { IndexAdmin, IndexReader, IndexWriter } from "../index/vector-index.ts";

export interface WrittenEntry {
  library: string;
  id: string;
  jobId: string;
}

type Generations<Port> = readonly { index: Port }[];

/** Raises the others' epochs to the live one's, after a write to all of them; the live one comes first. */
export async function syncEpochs(
  all: Generations<Pick<IndexAdmin, "standing" | "raiseEpochs">>,
  library: string,
): Promise<void> {
  const [live, ...others] = all;
  if (live === undefined || others.length === 0) return;
  const { epoch } = await live.index.standing(library);
  for (const { index } of others) await index.raiseEpochs([{ library, epoch }]);
}

/** After an entry came into some of them: it may have been taken out of the live one's searches. */
export async function copyAvailability(
  { library, id, jobId }: WrittenEntry,
  all: Generations<Pick<IndexReader, "getReference"> & Pick<IndexWriter, "setAvailability">>,
): Promise<void> {
  const [live, ...others] = all;
  if (live === undefined || others.length === 0) return;
  const entry = await live.index.getReference(library, id);
  if (entry?.jobId !== jobId || entry.availability === 0) return;
  for (const { index } of others) await index.setAvailability(library, id, jobId, entry.availability);
}

/** Gives `next` the epochs and the installation of `live`, before it replaces it. */
export async function inheritFrom(live: IndexAdmin, next: IndexAdmin): Promise<void> {
  await next.raiseEpochs(await live.epochs());
  if ((await next.installation()) === null) await next.assignTo(await live.installation());
}
