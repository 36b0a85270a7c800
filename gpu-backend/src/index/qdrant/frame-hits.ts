// Hits by entry as the port gives them: by reference, in rows of one length.

import type { FrameHits } from "../frame-track.ts";
import type { Hit } from "./frame-points.ts";

/** `owners`: entry → id of its reference. */
export function frameHitsOf(
  lists: readonly Hit[][],
  owners: ReadonlyMap<string, string>,
  perQuery: number,
): FrameHits {
  const size = lists.length * perQuery;
  const reference = new Int32Array(size).fill(-1);
  const frame = new Int32Array(size);
  const similarity = new Float32Array(size);
  const positions = new Map<string, number>();
  lists.forEach((list, query) => {
    let at = query * perQuery;
    for (const hit of list) {
      const id = owners.get(hit.entry);
      if (id === undefined) continue;
      let position = positions.get(id);
      if (position === undefined) {
        position = positions.size;
        positions.set(id, position);
      }
      reference[at] = position;
      frame[at] = hit.frame;
      similarity[at] = hit.similarity;
      at++;
    }
  });
  return { perQuery, referenceIds: [...positions.keys()], reference, frame, similarity };
}
