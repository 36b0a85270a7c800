// A video's pictures, kept for as long as it is compared, and their descriptors as a view shows them: so that a
// video can be looked at in other ways without decoding it again.

import type { Embedder } from "../descriptor/embedder.ts";
import type { View } from "../descriptor/view.ts";
import type { FrameTrack } from "../index/vector-index.ts";
import type { Box } from "../media/index.ts";
import { viewOf, within } from "./query-views.ts";

const CHANNELS = 3;

/** The frames of a video that are worth a descriptor. */
export interface Pictures {
  /** rgb24 [frames, height, width, 3]. */
  pixels: Uint8Array;
  width: number;
  height: number;
  /** Seconds [frames]. */
  startS: Float32Array;
  endS: Float32Array;
  /** Frames a second before folding. */
  rate: number;
  durationS: number;
  /** The picture within its bars. */
  box: Box;
}

/** A copy of the frames of those numbers. */
export function framesAt(
  { pixels, width, height }: Pick<Pictures, "pixels" | "width" | "height">,
  numbers: readonly number[],
): Uint8Array {
  const frameBytes = width * height * CHANNELS;
  const chosen = new Uint8Array(numbers.length * frameBytes);
  numbers.forEach((number, i) => {
    chosen.set(pixels.subarray(number * frameBytes, (number + 1) * frameBytes), i * frameBytes);
  });
  return chosen;
}

/** Descriptors [numbers, dims] of the frames of those numbers, as a view of the picture shows them. */
export async function embedFrames(
  pictures: Pick<Pictures, "pixels" | "width" | "height" | "box">,
  numbers: readonly number[],
  view: View,
  embedder: Embedder,
): Promise<Float32Array> {
  if (numbers.length === 0) return new Float32Array(0);
  const { width, height, box } = pictures;
  const map = embedder.supportsViews ? { view: within(viewOf(box), view) } : {};
  const isAll = numbers.length * width * height * CHANNELS === pictures.pixels.length;
  const pixels = isAll ? pictures.pixels : framesAt(pictures, numbers);
  return embedder.embed(pixels, numbers.length, { width, height, ...map });
}

const numbersOf = ({ startS }: Pictures) => Array.from(startS, (_, number) => number);

/** Those frames alone, and nothing between them; a copy unless it is all of them. */
function only(pictures: Pictures, numbers: readonly number[]): Pictures {
  if (numbers.length === pictures.startS.length) return pictures;
  const pick = (times: Float32Array) => Float32Array.from(numbers, (number) => times[number] as number);
  const [startS, endS] = [pick(pictures.startS), pick(pictures.endS)];
  return { ...pictures, pixels: framesAt(pictures, numbers), startS, endS };
}

/** Every stride-th frame, and those between. To be made once for many views: each has a copy of its pixels. */
export function thinned(pictures: Pictures, stride: number): { some: Pictures; between: Pictures } {
  const numbers = numbersOf(pictures);
  const of = (kept: boolean) => numbers.filter((number) => (number % stride === 0) === kept);
  return { some: only(pictures, of(true)), between: only(pictures, of(false)) };
}

/** The pictures as a view of them shows them. */
export async function describeView(pictures: Pictures, view: View, embedder: Embedder): Promise<FrameTrack> {
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
