// A file's pixels as a track of descriptors: decode, fold, trim bars, embed. The frames are kept for as long as
// the video is compared, so that it can be looked at in other ways without decoding it again.

import type { Embedder } from "../descriptor/embedder.ts";
import { type View, WHOLE_FRAME } from "../descriptor/view.ts";
import type { FrameTrack } from "../index/vector-index.ts";
import {
  type Box,
  foldFrames,
  type ProbedVideo,
  pictureBox,
  type SampledFrames,
  sampleFrames,
  WHOLE_BOX,
} from "../media/index.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";
import { viewOf, within } from "./views.ts";

/** Frames at the model's full size up to here, at its least size beyond: 5 minutes at 192 × 192 and 2 a second. */
const FULL_SIZE_MAX_BYTES = 64 * 1024 ** 2;
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

export interface DescribedVideo {
  track: FrameTrack;
  sampledFrames: number;
  pictures: Pictures;
}

export async function describe(
  file: string,
  probed: ProbedVideo,
  stages: Pick<Stages, "embedder" | "limits" | "sampling">,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<DescribedVideo> {
  const { embedder, limits, sampling } = stages;
  const options = { ...sampling, ...frameSize(probed, stages) };
  const sampled = await clock.time("decode", (progress) =>
    sampleFrames(file, probed, options, limits, signal, progress),
  );
  signal?.throwIfAborted();
  return clock.time("embed", async () => {
    const pictures = worthDescribing(sampled, probed, embedder.supportsViews);
    const track = await describeView(pictures, WHOLE_FRAME, embedder);
    return { track, sampledFrames: sampled.count, pictures };
  });
}

function frameSize(
  probed: ProbedVideo,
  { embedder, sampling }: Pick<Stages, "embedder" | "sampling">,
): { width: number; height: number } {
  const { width, height, least_width = width, least_height = height } = embedder.manifest.input;
  const frames = Math.max(sampling.minFrames, probed.durationS * sampling.framesPerSecond);
  const isLong = frames * width * height * CHANNELS > FULL_SIZE_MAX_BYTES;
  return isLong ? { width: least_width, height: least_height } : { width, height };
}

function worthDescribing(sampled: SampledFrames, probed: ProbedVideo, canTrim: boolean): Pictures {
  const { frames } = foldFrames(sampled);
  const { width, height, intervalS } = sampled;
  const indices = frames.map(({ index }) => index);
  return {
    pixels: framesAt(sampled.pixels, width * height * CHANNELS, indices),
    width,
    height,
    startS: Float32Array.from(frames, ({ startS }) => startS),
    endS: Float32Array.from(frames, ({ endS }) => endS),
    rate: 1 / intervalS,
    durationS: Math.max(probed.durationS, frames.at(-1)?.endS ?? 0),
    box: canTrim ? pictureBox(sampled, indices) : WHOLE_BOX,
  };
}

function framesAt(pixels: Uint8Array, frameBytes: number, indices: number[]): Uint8Array {
  const chosen = new Uint8Array(indices.length * frameBytes);
  indices.forEach((index, i) => {
    chosen.set(pixels.subarray(index * frameBytes, (index + 1) * frameBytes), i * frameBytes);
  });
  return chosen;
}

/** The pictures as a view shows them; with a `stride` only every stride-th one, and nothing between them. */
export async function describeView(
  pictures: Pictures,
  view: View,
  embedder: Embedder,
  stride = 1,
): Promise<FrameTrack> {
  const { width, height, rate, durationS, box } = pictures;
  const kept = Array.from({ length: Math.ceil(pictures.startS.length / stride) }, (_, i) => i * stride);
  const pick = (times: Float32Array) => Float32Array.from(kept, (frame) => times[frame] as number);
  const pixels = stride === 1 ? pictures.pixels : framesAt(pictures.pixels, width * height * CHANNELS, kept);
  const map = within(viewOf(box), view);
  const vectors =
    kept.length === 0
      ? new Float32Array(0)
      : await embedder.embed(pixels, kept.length, {
          width,
          height,
          ...(embedder.supportsViews ? { view: map } : {}),
        });
  return { vectors, startS: pick(pictures.startS), endS: pick(pictures.endS), rate, durationS };
}
