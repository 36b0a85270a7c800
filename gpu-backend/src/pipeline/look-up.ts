// A described query against its candidates: its whole frames first, then further views while no candidate is a
// duplicate. Every check, search and comparison of a pair goes through here.

import { WHOLE_VIEW } from "../align/align.ts";
import type { FrameTrack } from "../index/frame-track.ts";
import { judge } from "../verdict/judge.ts";
import type { WorkContext } from "../work/work-context.ts";
import type { CandidateSource } from "./candidates.ts";
import {
  type AlignedCandidate,
  type Comparison,
  mergedByReference,
  NOTHING_COMPARED,
  type ViewComparer,
  type ViewedTrack,
} from "./comparison.ts";
import type { Pictures } from "./describe-view.ts";
import { refineWithViews } from "./refine-with-views.ts";
import type { AlignStage, JudgeStage, SearchSettings, ViewStage } from "./stages.ts";

/** A described query; without its pictures it is compared by its whole frames alone. */
export interface Query {
  track: FrameTrack;
  pictures: Pictures | null;
}

export interface LookUpStages extends AlignStage, JudgeStage, ViewStage {
  search: Pick<SearchSettings, "maxCandidates">;
}

/** The candidates of a query, an entry each. The policy only says when no further view is needed. */
export async function lookUp(
  { track, pictures }: Query,
  source: CandidateSource,
  stages: LookUpStages,
  context: WorkContext,
): Promise<Comparison> {
  const comparer = viewComparer(source, stages, context);
  const whole = await comparer.compare({ view: WHOLE_VIEW, track }, stages.search.maxCandidates);
  const isDuplicate = ({ segments, durationS }: AlignedCandidate) =>
    judge(segments, track, { durationS }, stages.policy).verdict === "duplicate";
  const isSettled = (candidates: AlignedCandidate[]) => candidates.some(isDuplicate);
  const all =
    pictures === null
      ? whole
      : await refineWithViews({ pictures, whole, isSettled }, comparer, stages, context);
  return { candidates: mergedByReference(all.candidates), views: all.views };
}

/** Compares one view: retrieval of candidates, then their temporal alignment. */
export function viewComparer(
  source: CandidateSource,
  { aligner }: AlignStage,
  { clock }: WorkContext,
): ViewComparer {
  const alignWith = ({ view, track }: ViewedTrack, tracks: Map<string, FrameTrack>) =>
    clock.time("align", async (): Promise<Comparison> => {
      const references = [...tracks.values()];
      const aligned = await aligner.align(track, references, view);
      const candidates = [...tracks].map(([referenceId, { durationS }], i) => ({
        referenceId,
        durationS,
        segments: aligned[i] ?? [],
      }));
      const compared = { view: view.name, frames: track.startS.length, references: references.length };
      return { candidates, views: [compared] };
    });
  return {
    compare: async (viewed, limit) => {
      if (viewed.track.startS.length === 0) return NOTHING_COMPARED;
      const tracks = await clock.time("search", () => source.nearest(viewed.track, limit));
      return alignWith(viewed, tracks);
    },
    compareWith: async (viewed, referenceIds) => alignWith(viewed, await source.tracksOf(referenceIds)),
  };
}
