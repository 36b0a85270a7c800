// The overview of the index for operators: generations, libraries, writers.

import type { GenerationView, IndexOverview, Snapshot } from "@twinframe/shared/contract";
import type { Generations } from "../generations/generations.ts";
import type { Generation, SnapshotInfo } from "../index/index-store.ts";
import type { IndexAdmin } from "../index/vector-index.ts";
import { namesOfKey } from "../pipeline/library-key.ts";

const GREEN = { status: "green", segments: 1 };

async function viewOf(
  { name, model, dims, isLive, createdAt }: Generation,
  index: Pick<IndexAdmin, "stats">,
): Promise<GenerationView> {
  const { references, frames, bytes, storedBytes, health } = await index.stats();
  return {
    name,
    model,
    dims,
    state: isLive ? "live" : "beside",
    references,
    frames,
    bytes,
    stored_bytes: storedBytes,
    health: health ?? GREEN,
    created_at: createdAt,
  };
}

export async function overviewOf(generations: Generations): Promise<IndexOverview> {
  const views: GenerationView[] = [];
  let live = "";
  let libraries: IndexOverview["libraries"] = [];
  let installation: string | null = null;
  for (const generation of await generations.list({ fresh: true })) {
    const index = await generations.indexOf(generation);
    views.push(await viewOf(generation, index));
    if (!generation.isLive) continue;
    live = generation.name;
    // The epochs first: what is counted of them afterwards has been written since.
    const epochs = new Map((await index.epochs()).map(({ library, epoch }) => [library, epoch]));
    installation = await index.installation();
    libraries = (await index.libraries()).map(({ library, ...counts }) => ({
      ...namesOfKey(library),
      ...counts,
      epoch: epochs.get(library) ?? 0,
    }));
  }
  const writers = (await generations.indexStore.writers()).map(({ name, since, seenAt }) => ({
    name,
    since,
    seen_at: seenAt,
  }));
  return { kind: generations.indexStore.kind, live, generations: views, installation, libraries, writers };
}

export const snapshotView = ({ createdAt, ...info }: SnapshotInfo): Snapshot => ({
  ...info,
  created_at: createdAt,
});
