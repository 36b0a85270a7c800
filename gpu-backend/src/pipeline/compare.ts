// A described query against a library: candidates, alignment, judgement.

import { byStrength, type FoundMatch } from "@twinframe/shared/contract";
import type { AlignedSegment } from "../align/align.ts";
import type { FrameTrack } from "../index/vector-index.ts";
import { judge } from "../verdict/judge.ts";
import type { Policy } from "../verdict/policy.ts";
import { rankCandidates } from "./candidates.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";

export interface AlignedCandidate {
  referenceId: string;
  durationS: number;
  segments: AlignedSegment[];
}

/** The candidates of a query with their segments, before any policy. */
export async function alignCandidates(
  library: string,
  query: FrameTrack,
  stages: Pick<Stages, "index" | "aligner" | "search" | "embedder">,
  clock: StageClock,
): Promise<AlignedCandidate[]> {
  if (query.startS.length === 0) return [];
  const { index, aligner, search, embedder } = stages;
  const floor = embedder.manifest.calibration.frame_similarity_floor;
  const tracks = await clock.time("search", async () => {
    const hits = await index.searchBatch(library, query.vectors, search.framesPerQuery);
    return index.descriptorsOf(library, rankCandidates(hits, query, floor, search.maxCandidates));
  });
  return clock.time("align", async () => {
    const candidates = [...tracks];
    const aligned = await aligner.align(
      query,
      candidates.map(([, track]) => track),
    );
    return candidates.map(([referenceId, { durationS }], i) => ({
      referenceId,
      durationS,
      segments: aligned[i] ?? [],
    }));
  });
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
