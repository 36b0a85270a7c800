// Where an entry is out of searches and its reference is not, or the other way round, the index is told once more.

import type { IndexEntry } from "@twinframe/shared/contract";
import type { RequestContext } from "../platform/request-context.ts";
import { noteOtherAvailability } from "../references/index.ts";
import type { WalkedReference } from "./store/reference-walk.ts";

/** Each entry in its row's place. The next question about the library brings it to the index. */
export async function noteAvailability(
  { bindings: { DB } }: RequestContext,
  rows: readonly WalkedReference[],
  entries: readonly (Pick<IndexEntry, "job_id" | "availability"> | null)[],
): Promise<void> {
  const notes = rows.flatMap((row, i) => {
    const entry = entries[i];
    if (!entry || entry.job_id !== row.job_id || entry.availability === row.availability) return [];
    return [noteOtherAvailability(DB, row, row.job_id, entry.availability)];
  });
  if (notes.length > 0) await DB.batch(notes);
}

/** Of entries that were written anew, and are therefore in searches. */
export const noteWrittenAnew = (context: RequestContext, rows: readonly WalkedReference[]) =>
  noteAvailability(
    context,
    rows,
    rows.map(({ job_id }) => ({ job_id, availability: 0 })),
  );
