// Candidates as the service ranks them, but for the floor: where a frame's neighbours are as many as were asked for,
// the last one's similarity is what any distractor reaches, and only what is above it counts. Tried, not in force.

import type { FrameHits, FrameTrack } from "@twinframe/gpu-backend/index/frame-track";

export function rankAboveTheCrowd(
  hits: FrameHits,
  query: Pick<FrameTrack, "startS" | "endS">,
  floor: number,
): string[] {
  const weights = new Float64Array(hits.referenceIds.length);
  query.startS.forEach((startS, frame) => {
    const last = (frame + 1) * hits.perQuery - 1;
    const isFull = (hits.reference[last] as number) >= 0;
    const reached = isFull ? Math.max(floor, hits.similarity[last] as number) : floor;
    const seen = new Set<number>();
    for (let at = frame * hits.perQuery; at <= last; at++) {
      const reference = hits.reference[at] as number;
      const above = (hits.similarity[at] as number) - reached;
      if (reference < 0 || above <= 0 || seen.has(reference)) continue;
      seen.add(reference);
      weights[reference] = (weights[reference] as number) + above * ((query.endS[frame] as number) - startS);
    }
  });
  return hits.referenceIds
    .map((id, i) => ({ id, weight: weights[i] as number }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ id }) => id);
}
