// Retrieval: the references worth an alignment with a query.

import type { FrameHits, FrameTrack } from "../index/frame-track.ts";
import type { SearchStage } from "./stages.ts";

/** Where a query's candidates come from: a library, or the one other video of a pair. */
export interface CandidateSource {
  /** Tracks by reference id, at most `limit`: of those most like the query's descriptors. */
  nearest(query: FrameTrack, limit: number): Promise<Map<string, FrameTrack>>;
  tracksOf(referenceIds: string[]): Promise<Map<string, FrameTrack>>;
}

/** `library`: `tenant/library`. */
export function candidatesIn(library: string, { index, embedder, search }: SearchStage): CandidateSource {
  const floor = embedder.manifest.calibration.frame_similarity_floor;
  return {
    nearest: async (query, limit) => {
      const hits = await index.searchBatch(library, query.vectors, search.framesPerQuery);
      return index.descriptorsOf(library, rankCandidates(hits, query, floor, limit));
    },
    tracksOf: (referenceIds) => index.descriptorsOf(library, referenceIds),
  };
}

/** One track, whatever is asked. */
export function onlyCandidate(referenceId: string, track: FrameTrack): CandidateSource {
  return {
    nearest: async () => new Map([[referenceId, track]]),
    tracksOf: async (referenceIds) => new Map(referenceIds.map((id) => [id, track])),
  };
}

/**
 * Reference ids, most promising first: each query frame gives a reference its best similarity above the floor,
 * times the seconds that the frame stands for. Folded stills thus count by their length, not their number.
 */
export function rankCandidates(
  hits: FrameHits,
  query: Pick<FrameTrack, "startS" | "endS">,
  floor: number,
  maxCandidates: number,
): string[] {
  const weights = new Float64Array(hits.referenceIds.length);
  const bestOfFrame = new Map<number, number>();
  query.startS.forEach((startS, frame) => {
    bestOfFrame.clear();
    const spanS = (query.endS[frame] as number) - startS;
    for (let at = frame * hits.perQuery; at < (frame + 1) * hits.perQuery; at++) {
      const reference = hits.reference[at] as number;
      const above = (hits.similarity[at] as number) - floor;
      // Hits come best first: the first one of a reference is its best.
      if (reference >= 0 && above > 0 && !bestOfFrame.has(reference)) bestOfFrame.set(reference, above);
    }
    for (const [reference, above] of bestOfFrame)
      weights[reference] = (weights[reference] as number) + above * spanS;
  });
  return hits.referenceIds
    .map((id, i) => ({ id, weight: weights[i] as number }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, maxCandidates)
    .map(({ id }) => id);
}
