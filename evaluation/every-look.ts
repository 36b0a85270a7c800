// A labelled set's queries against its references in every look there is, also where a check would have stopped:
// what weights are fitted on, and what tells the worth of each look.

import type { AlignedSegment } from "@twinframe/gpu-backend/align/align";
import { WHOLE_VIEW } from "@twinframe/gpu-backend/align/align";
import { probeVideo } from "@twinframe/gpu-backend/media";
import { candidatesIn } from "@twinframe/gpu-backend/pipeline/candidates";
import type { AlignedCandidate } from "@twinframe/gpu-backend/pipeline/comparison";
import { type DescribedVideo, describe } from "@twinframe/gpu-backend/pipeline/describe";
import { viewComparer } from "@twinframe/gpu-backend/pipeline/look-up";
import { refineWithViews } from "@twinframe/gpu-backend/pipeline/refine-with-views";
import type { Stages } from "@twinframe/gpu-backend/pipeline/stages";
import { StageClock } from "@twinframe/gpu-backend/work/stage-clock";
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
  const probed = await probeVideo(file, stages.limits);
  return describe({ file, probed }, stages, { clock: new StageClock() });
}

/** The candidates of every look; `described` compared in the evaluation's library. */
export async function everyLook(
  { track, pictures }: DescribedVideo,
  stages: Stages,
): Promise<AlignedCandidate[]> {
  const context = { clock: new StageClock() };
  const comparer = viewComparer(candidatesIn(EVALUATION_LIBRARY, stages), stages, context);
  const whole = await comparer.compare({ view: WHOLE_VIEW, track }, stages.search.maxCandidates);
  const query = { pictures, whole, isSettled: () => false };
  return (await refineWithViews(query, comparer, stages, context)).candidates;
}
