// Why a check had no candidates at all.

import type { FrameTrack } from "../../index/frame-track.ts";
import type { SearchStage } from "../stages.ts";

export async function reasonForNoCandidates(
  { library, track, views }: { library: string; track: FrameTrack; views: number },
  { index, embedder }: Pick<SearchStage, "index" | "embedder">,
): Promise<string> {
  if (track.startS.length === 0)
    return "All of the query is blank: it has no frame with a picture that could be compared.";
  const hits = await index.searchBatch(library, track.vectors, 1);
  const nearest = hits.similarity.reduce(
    (best, similarity, at) => ((hits.reference[at] as number) < 0 ? best : Math.max(best, similarity)),
    Number.NEGATIVE_INFINITY,
  );
  if (nearest === Number.NEGATIVE_INFINITY)
    return "The library is empty: it has no reference with a picture to compare with.";
  const { frame_similarity_floor: floor } = embedder.manifest.calibration;
  const most = `the most alike one has a similarity of ${nearest.toFixed(3)}, and candidates need more than ${floor}`;
  const others =
    views > 1 ? ` The ${views - 1} other looks at the query led to nothing worth following either.` : "";
  return `No frame of the library is alike enough to the query's whole frames: ${most}.${others}`;
}
