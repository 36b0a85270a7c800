// Copies an index into another one of the same model, reference by reference, through the ports. References that the
// target has are skipped, so that an interrupted move continues where it was.

import type { ListedReference } from "../index/reference-record.ts";
import type { IndexAdmin, IndexReader, IndexWriter } from "../index/vector-index.ts";
import { contentOf, keyOf, listingOf, pagesOf } from "./listing.ts";

/** Descriptors asked for together; as many are written at once. */
const AT_ONCE = 8;

type SourceIndex = Pick<IndexReader, "descriptorsOf"> & Pick<IndexAdmin, "stats" | "listReferences">;
type TargetIndex = Pick<IndexWriter, "upsertReference"> & Pick<IndexAdmin, "listReferences">;

export interface MoveProgress {
  /** References of the source that are in the target now. */
  done: number;
  all: number;
  /** Of those done: written by this run. */
  written: number;
}

export async function moveReferences(
  from: SourceIndex,
  to: TargetIndex,
  onProgress: (progress: MoveProgress) => void,
): Promise<MoveProgress> {
  const there = await listingOf(to);
  const progress: MoveProgress = { done: 0, all: (await from.stats()).references, written: 0 };
  for await (const page of pagesOf(from)) {
    const missing = page.filter((entry) => there.get(keyOf(entry)) !== contentOf(entry));
    progress.done += page.length - missing.length;
    for (const group of groupsOf(missing)) {
      progress.written += await copy(group, from, to);
      progress.done += group.length;
      onProgress({ ...progress });
    }
    onProgress({ ...progress });
  }
  return progress;
}

/** Of one library each. */
function* groupsOf(entries: ListedReference[]): Generator<ListedReference[]> {
  for (const ofLibrary of Map.groupBy(entries, ({ library }) => library).values())
    for (let at = 0; at < ofLibrary.length; at += AT_ONCE) yield ofLibrary.slice(at, at + AT_ONCE);
}

async function copy(group: ListedReference[], from: SourceIndex, to: TargetIndex): Promise<number> {
  const library = (group[0] as ListedReference).library;
  const tracks = await from.descriptorsOf(
    library,
    group.map(({ id }) => id),
  );
  const written = await Promise.all(
    group.map(async ({ frames: _frames, ...record }) => {
      const track = tracks.get(record.id);
      if (!track) return 0; // It was deleted in the meantime.
      await to.upsertReference({ ...record, track });
      return 1;
    }),
  );
  return written.reduce<number>((sum, one) => sum + one, 0);
}
