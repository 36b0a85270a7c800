// Runs a set through the product's pipeline: every reference into a library, every query checked against it.

import type { FoundMatch, Stage } from "@twinframe/shared/contract";
import type { EvaluationLibrary } from "./library.ts";
import { mapWithProgress } from "./progress.ts";
import type { VideoFile, VideoSet } from "./video-set.ts";

export interface CheckedQuery {
  queryId: string;
  /** All that were found, best first, also below the policy's review score. */
  matches: FoundMatch[];
  /** Milliseconds by stage; null when the video was not read. */
  timingsMs: Partial<Record<Stage, number>> | null;
}

export interface CheckedSet {
  checked: CheckedQuery[];
  /** What the references take on the disk, all included, and of how many seconds of video. */
  stored: { bytes: number; seconds: number };
  /** `id: why`, a video each. */
  unreadable: string[];
}

/** A video that cannot be read stops nothing: as a query it finds nothing, as a reference it is not found. */
export async function checkSet(
  { references, queries }: Pick<VideoSet, "references" | "queries">,
  library: EvaluationLibrary,
  atOnce: number,
): Promise<CheckedSet> {
  const unreadable: string[] = [];
  const attempt = async <T>({ id }: VideoFile, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      unreadable.push(`${id}: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  };
  let seconds = 0;
  await mapWithProgress("references", references, atOnce, async (video) => {
    const added = await attempt(video, () => library.add(video.id, video.file));
    seconds += added?.video.duration_s ?? 0;
  });
  const { index } = library.stages;
  await index.optimise();
  const { storedBytes: bytes } = await index.stats();
  const checked = await mapWithProgress("queries", queries, atOnce, async (video): Promise<CheckedQuery> => {
    const result = await attempt(video, () => library.check(video.file));
    return { queryId: video.id, matches: result?.matches ?? [], timingsMs: result?.timings_ms ?? null };
  });
  return { checked, stored: { bytes, seconds }, unreadable };
}
