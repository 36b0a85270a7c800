// The entry to the descriptor stage: descriptors of some of a video's frames, as a view of the picture shows them.

import type { Embedder } from "./embedder.ts";
import { type View, type ViewBox, viewOf, within } from "./view.ts";

const CHANNELS = 3;

export interface FramePixels {
  /** rgb24 [frames, height, width, 3]. */
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** A copy of the frames of those numbers. */
export function framesAt({ pixels, width, height }: FramePixels, numbers: readonly number[]): Uint8Array {
  const frameBytes = width * height * CHANNELS;
  const chosen = new Uint8Array(numbers.length * frameBytes);
  numbers.forEach((number, i) => {
    chosen.set(pixels.subarray(number * frameBytes, (number + 1) * frameBytes), i * frameBytes);
  });
  return chosen;
}

/** `box`: the picture within its bars. float32 [numbers, dims], of the frames of those numbers. */
export async function embedFrames(
  pictures: FramePixels & { box: ViewBox },
  numbers: readonly number[],
  view: View,
  embedder: Pick<Embedder, "embed" | "supportsViews">,
): Promise<Float32Array> {
  if (numbers.length === 0) return new Float32Array(0);
  const { width, height, box } = pictures;
  const options = embedder.supportsViews ? { view: within(viewOf(box), view) } : {};
  const isAll = numbers.length * width * height * CHANNELS === pictures.pixels.length;
  const pixels = isAll ? pictures.pixels : framesAt(pictures, numbers);
  return embedder.embed(pixels, numbers.length, { width, height, ...options });
}
