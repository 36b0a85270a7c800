// A video's pictures, kept for as long as it is compared, and their descriptors as a view shows them: so that a
// video can be looked at in other ways without decoding it again.

import type { Embedder } from "../descriptor/embedder.ts";
import type { View } from "../descriptor/view.ts";
import type { FrameTrack } from "../index/vector-index.ts";
import type { Box } from "../media/index.ts";
import { viewOf, within } from "./views.ts";

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
  return embedder.embed(framesAt(pictures, numbers), numbers.length, { width, height, ...map });
}

/** The numbers of every stride-th frame. */
const everyNth = ({ startS }: Pictures, stride: number) =>
  Array.from({ length: Math.ceil(startS.length / stride) }, (_, i) => i * stride);

export function trackOf(pictures: Pictures, numbers: readonly number[], vectors: Float32Array): FrameTrack {
  const { rate, durationS } = pictures;
  const pick = (times: Float32Array) => Float32Array.from(numbers, (number) => times[number] as number);
  return { vectors, startS: pick(pictures.startS), endS: pick(pictures.endS), rate, durationS };
}

/** The pictures as a view shows them; with a `stride` only every stride-th one, and nothing between them. */
export async function describeView(
  pictures: Pictures,
  view: View,
  embedder: Embedder,
  stride = 1,
): Promise<FrameTrack> {
  const numbers = everyNth(pictures, stride);
  return trackOf(pictures, numbers, await embedFrames(pictures, numbers, view, embedder));
}

/** The same view with all frames, when `first` has every stride-th: only those between are described. */
export async function describeBetween(
  pictures: Pictures,
  view: View,
  embedder: Embedder,
  first: FrameTrack,
  stride: number,
): Promise<FrameTrack> {
  const all = everyNth(pictures, 1);
  const between = all.filter((number) => number % stride !== 0);
  const rest = await embedFrames(pictures, between, view, embedder);
  const { dims } = embedder.manifest.output;
  const vectors = new Float32Array(all.length * dims);
  const lay = (numbers: number[], from: Float32Array) =>
    numbers.forEach((number, i) => {
      vectors.set(from.subarray(i * dims, (i + 1) * dims), number * dims);
    });
  lay(everyNth(pictures, stride), first.vectors);
  lay(between, rest);
  return trackOf(pictures, all, vectors);
}
