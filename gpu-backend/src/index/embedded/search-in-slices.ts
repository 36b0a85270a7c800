// Searches a long video's frames a slice at a time: the index's thread does one operation at a time, and other
// operations come in between. A write in between is seen by the slices after it.

import type { FrameHits } from "../frame-track.ts";

/** Two minutes of video: what nearly all searches are, and at a million frames in the library about a second. */
export const SLICE_QUERIES = 256;

/** `search` of all `queries`, float32 [queries, dims], as one. */
export async function searchInSlices(
  queries: Float32Array,
  dims: number,
  search: (slice: Float32Array) => Promise<FrameHits>,
): Promise<FrameHits> {
  const step = SLICE_QUERIES * dims;
  if (queries.length <= step) return search(queries);
  const parts: FrameHits[] = [];
  for (let from = 0; from < queries.length; from += step)
    parts.push(await search(queries.slice(from, from + step)));
  return joined(parts);
}

function joined(parts: readonly FrameHits[]): FrameHits {
  const { perQuery } = parts[0] as FrameHits;
  const size = parts.reduce((sum, { reference }) => sum + reference.length, 0);
  const positions = new Map<string, number>();
  const reference = new Int32Array(size);
  const frame = new Int32Array(size);
  const similarity = new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    const positionsOfPart = part.referenceIds.map((id) => {
      const position = positions.get(id) ?? positions.size;
      positions.set(id, position);
      return position;
    });
    reference.set(
      part.reference.map((position) => (position < 0 ? position : (positionsOfPart[position] as number))),
      at,
    );
    frame.set(part.frame, at);
    similarity.set(part.similarity, at);
    at += part.reference.length;
  }
  return { perQuery, referenceIds: [...positions.keys()], reference, frame, similarity };
}
