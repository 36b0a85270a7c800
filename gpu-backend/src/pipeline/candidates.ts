// From frame hits to the references worth an alignment.

import type { FrameHits, FrameTrack } from "../index/vector-index.ts";

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
