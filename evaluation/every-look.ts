// A labelled set's queries against its references in every look there is, also where a check would have stopped:
// what weights are fitted on, and what tells the worth of each look.

import type { AlignedSegment } from "@twinframe/gpu-backend/align/align";
import { probeVideo } from "@twinframe/gpu-backend/media";
import { type DescribedVideo, describe } from "@twinframe/gpu-backend/pipeline/describe";
import { StageClock } from "@twinframe/gpu-backend/pipeline/progress";
import {
  type AlignedCandidate,
  alignLook,
  refineWithViews,
} from "@twinframe/gpu-backend/pipeline/refine-with-views";
import type { Stages } from "@twinframe/gpu-backend/pipeline/stages";
import { EVALUATION_LIBRARY, type EvaluationLibrary } from "./library.ts";
import { mapWithProgress } from "./progress.ts";
import type { VideoFile } from "./video-set.ts";

/** A query with a reference, and all that any look found of one in the other. */
export interface ComparedPair<Found = AlignedSegment> {
  query: string;
  reference: string;
  segments: Found[];
}

export function pairsOf(query: string, candidates: readonly AlignedCandidate[]): ComparedPair[] {
  return [...Map.groupBy(candidates, ({ referenceId }) => referenceId)].map(([reference, looks]) => ({
    query,
    reference,
    segments: looks.flatMap(({ segments }) => segments),
  }));
}

export async function addReferences(
  references: readonly VideoFile[],
  library: EvaluationLibrary,
  atOnce: number,
): Promise<void> {
  await mapWithProgress("references", references, atOnce, async ({ id, file }) => {
    await library.add(id, file);
  });
}

export async function describeFile(file: string, stages: Stages): Promise<DescribedVideo> {
  return describe(file, await probeVideo(file, stages.limits), stages, new StageClock());
}

/** The candidates of every look; `described` compared in the evaluation's library. */
export async function everyLook(
  { track, pictures }: DescribedVideo,
  stages: Stages,
): Promise<AlignedCandidate[]> {
  const clock = new StageClock();
  const { maxCandidates } = stages.search;
  const whole = await alignLook(EVALUATION_LIBRARY, { view: null, track }, stages, maxCandidates, clock);
  return refineWithViews(EVALUATION_LIBRARY, pictures, whole, stages, clock, () => false);
}
