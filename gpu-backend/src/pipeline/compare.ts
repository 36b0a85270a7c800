// A described query against a library: candidates, alignment, judgement.

import { byStrength, type FoundMatch } from "@twinframe/shared/contract";
import type { FrameTrack } from "../index/vector-index.ts";
import { judge } from "../verdict/judge.ts";
import type { Policy } from "../verdict/policy.ts";
import type { Pictures } from "./describe-view.ts";
import type { StageClock } from "./progress.ts";
import {
  type AlignedCandidate,
  alignLook,
  merged,
  type RefineStages,
  refineWithViews,
} from "./refine-with-views.ts";
import type { Stages } from "./stages.ts";

export type { AlignedCandidate } from "./refine-with-views.ts";

/** A query; without its pictures only its whole frames can be looked at. */
export interface ComparedTrack {
  track: FrameTrack;
  pictures: Pictures | null;
}

/** The candidates of a query with their segments. The policy only says when looking closer may stop. */
export async function alignCandidates(
  library: string,
  { track, pictures }: ComparedTrack,
  stages: RefineStages & Pick<Stages, "policy">,
  clock: StageClock,
): Promise<AlignedCandidate[]> {
  const whole = await alignLook(library, { view: null, track }, stages, stages.search.maxCandidates, clock);
  const isSettled = (candidates: AlignedCandidate[]) =>
    judgeCandidates(candidates, track, stages.policy).some(({ verdict }) => verdict === "duplicate");
  if (pictures === null) return merged(whole);
  return merged(await refineWithViews(library, pictures, whole, stages, clock, isSettled));
}

/** Matches that the policy lets count, best first. */
export function judgeCandidates(
  candidates: AlignedCandidate[],
  query: Pick<FrameTrack, "durationS">,
  policy: Policy,
): FoundMatch[] {
  return candidates
    .map(({ referenceId, durationS, segments }) => judge(referenceId, segments, query, { durationS }, policy))
    .filter((match) => match !== null)
    .sort((a, b) => byStrength(a, b) || b.visual.query_coverage - a.visual.query_coverage);
}
