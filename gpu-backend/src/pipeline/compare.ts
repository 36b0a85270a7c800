// A described query against a library: candidates, alignment, judgement.

import { byStrength, type FoundMatch } from "@twinframe/shared/contract";
import type { FrameTrack } from "../index/vector-index.ts";
import { judge } from "../verdict/judge.ts";
import type { Policy } from "../verdict/policy.ts";
import type { DescribedVideo } from "./describe.ts";
import { type AlignedCandidate, alignLook, lookCloser, merged } from "./look-closer.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";

export type { AlignedCandidate } from "./look-closer.ts";

/** The candidates of a query with their segments. The policy only says when looking closer may stop. */
export async function alignCandidates(
  library: string,
  { track, pictures }: Pick<DescribedVideo, "track" | "pictures">,
  stages: Pick<Stages, "index" | "aligner" | "search" | "embedder" | "policy">,
  clock: StageClock,
): Promise<AlignedCandidate[]> {
  const whole = await alignLook(library, { view: null, track }, stages, stages.search.maxCandidates, clock);
  const isSettled = (candidates: AlignedCandidate[]) =>
    judgeCandidates(candidates, track, stages.policy).some(({ verdict }) => verdict === "duplicate");
  return merged(await lookCloser(library, pictures, whole, stages, clock, isSettled));
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
