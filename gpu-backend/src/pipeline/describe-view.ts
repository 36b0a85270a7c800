// A video's pictures, kept for as long as it is compared, and their descriptors in further views, which need no second
// decoding.

import { embedFrames, type FramePixels, framesAt } from "../descriptor/embed-frames.ts";
import type { View } from "../descriptor/view.ts";
import type { FrameTrack } from "../index/frame-track.ts";
import type { Box } from "../media/index.ts";
import type { ViewStage } from "./stages.ts";

/** The frames of a video that are worth a descriptor. */
export interface Pictures extends FramePixels {
  /** Seconds [frames]. */
  startS: Float32Array;
  endS: Float32Array;
  /** Frames a second before folding. */
  rate: number;
  durationS: number;
  /** The picture within its bars. */
  box: Box;
}

const numbersOf = ({ startS }: Pictures) => Array.from(startS, (_, number) => number);

/** Those frames alone, and nothing between them; a copy unless it is all of them. */
function only(pictures: Pictures, numbers: readonly number[]): Pictures {
  if (numbers.length === pictures.startS.length) return pictures;
  const pick = (times: Float32Array) => Float32Array.from(numbers, (number) => times[number] as number);
  return {
    ...pictures,
    pixels: framesAt(pictures, numbers),
    startS: pick(pictures.startS),
    endS: pick(pictures.endS),
  };
}

/** Every stride-th frame, and those between. To be made once for many views: each has a copy of its pixels. */
export function thinned(pictures: Pictures, stride: number): { some: Pictures; between: Pictures } {
  const numbers = numbersOf(pictures);
  const of = (kept: boolean) => numbers.filter((number) => (number % stride === 0) === kept);
  return { some: only(pictures, of(true)), between: only(pictures, of(false)) };
}

/** The pictures as a view of them shows them. */
export async function describeView(
  pictures: Pictures,
  view: View,
  embedder: ViewStage["embedder"],
): Promise<FrameTrack> {
  return trackOf(pictures, await embedFrames(pictures, numbersOf(pictures), view, embedder));
}

export function trackOf({ startS, endS, rate, durationS }: Pictures, vectors: Float32Array): FrameTrack {
  return { vectors, startS, endS, rate, durationS };
}

/** The tracks of `thinned` pictures as the one of all. */
export function interleaved(some: FrameTrack, between: FrameTrack, stride: number): FrameTrack {
  const count = some.startS.length + between.startS.length;
  const weave = (a: Float32Array, b: Float32Array) => {
    const size = (a.length + b.length) / count;
    const all = new Float32Array(a.length + b.length);
    let [fromA, fromB] = [0, 0];
    for (let number = 0; number < count; number++) {
      const [from, at] = number % stride === 0 ? [a, fromA++] : [b, fromB++];
      all.set(from.subarray(at * size, (at + 1) * size), number * size);
    }
    return all;
  };
  const { rate, durationS } = some;
  return {
    vectors: weave(some.vectors, between.vectors),
    startS: weave(some.startS, between.startS),
    endS: weave(some.endS, between.endS),
    rate,
    durationS,
  };
}
