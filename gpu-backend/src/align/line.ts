// A line through the similarity matrix: reference time = speed · query time + offset. Where the query copies
// the reference, similarity along the right line stays above the floor.

import type { Pair } from "./pair.ts";

export interface Line {
  /** How much faster the query plays than the reference. */
  speed: number;
  /** Seconds. */
  offsetS: number;
}

/** Places first … last of the query's timeline (both included) along a line. */
export interface Stretch {
  line: Line;
  first: number;
  last: number;
  /** Sum over the stretch of similarity above the floor. */
  gain: number;
}

/** The reference frame that the line pairs with a query place; −1: blank; −2: outside the reference. */
export function partnerOf(pair: Pair, line: Line, place: number): number {
  const timeS = line.speed * ((place + 0.5) / pair.queryTimeline.rate) + line.offsetS;
  if (timeS < 0 || timeS >= pair.referenceTimeline.durationS) return -2;
  const { frameAt, rate } = pair.referenceTimeline;
  return frameAt[Math.min(frameAt.length - 1, Math.floor(timeS * rate))] as number;
}

/** The part of a line that is searched, and the similarity that counts as gain. */
export interface StretchBounds {
  first: number;
  last: number;
  floor: number;
}

/**
 * The stretch of greatest gain on a line (Kadane's maximum subarray). Blank frames of either side neither help
 * nor hurt; places in `taken` and places outside the reference end a stretch.
 */
export function bestStretch(
  pair: Pair,
  line: Line,
  taken: Uint8Array,
  bounds?: StretchBounds,
): Stretch | null {
  const { frameAt } = pair.queryTimeline;
  const floor = bounds?.floor ?? pair.calibration.frame_similarity_floor;
  const end = bounds?.last ?? frameAt.length - 1;
  let best: Stretch | null = null;
  let gain = 0;
  let first = -1;
  for (let place = bounds?.first ?? 0; place <= end; place++) {
    const partner = taken[place] ? -2 : partnerOf(pair, line, place);
    if (partner === -2) {
      gain = 0;
      first = -1;
      continue;
    }
    const frame = frameAt[place] as number;
    if (frame < 0 || partner < 0) continue;
    if (first < 0) {
      first = place;
      gain = 0;
    }
    gain += (pair.similarities[frame * pair.referenceFrames + partner] as number) - floor;
    if (gain <= 0) first = -1;
    else if (!best || gain > best.gain) best = { line, first, last: place, gain };
  }
  return best;
}
