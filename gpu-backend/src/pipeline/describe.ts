// A file's pixels as a track of descriptors: decode, fold, trim bars, embed.

import type { Coverage } from "@twinframe/shared/contract";
import type { FrameTrack } from "../index/vector-index.ts";
import { type ProbedVideo, sampledSecondsOf, sampleFrames, withoutStretches } from "../media/index.ts";
import { FramesAhead } from "./describe-ahead.ts";
import type { Pictures } from "./describe-view.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";

/** Frames at the model's full size up to here, at its least size beyond: 5 minutes at 192 × 192 and 2 a second. */
const FULL_SIZE_MAX_BYTES = 64 * 1024 ** 2;
const CHANNELS = 3;

export interface DescribedVideo {
  track: FrameTrack;
  sampledFrames: number;
  pictures: Pictures;
  /** Which seconds of the video were seen. */
  coverage: Coverage;
}

/** The stage `embed` is what is left of embedding once the video is decoded. */
export async function describe(
  file: string,
  probed: ProbedVideo,
  stages: Pick<Stages, "embedder" | "limits" | "sampling">,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<DescribedVideo> {
  const { embedder, limits, sampling } = stages;
  const options = { ...sampling, ...frameSize(probed, stages) };
  let ahead = new FramesAhead(embedder);
  try {
    const sampled = await clock.time("decode", (onProgress) =>
      sampleFrames(file, probed, { ...options, maySkip: true }, limits, signal, {
        onProgress,
        onFrames: (soFar) => ahead.see(soFar),
        onRestart: async () => {
          await ahead.settled();
          ahead = new FramesAhead(embedder);
        },
      }),
    );
    signal?.throwIfAborted();
    const { count: sampledFrames, coverage } = sampled;
    // A reference is not refused for it.
    const isQuery = sampling.momentsKey !== undefined;
    const seen = isQuery ? withoutStretches(coverage, sampled.flicker) : coverage;
    return await clock.time("embed", async () => ({
      ...(await ahead.finish(sampled, coverage.duration_s)),
      sampledFrames,
      coverage: seen,
    }));
  } finally {
    await ahead.settled();
  }
}

/** The stages as references are described: nobody gains by hiding from their own reference. */
export function atMiddles(stages: Stages): Stages {
  return { ...stages, sampling: { ...stages.sampling, momentsKey: undefined } };
}

function frameSize(
  probed: ProbedVideo,
  { embedder, sampling }: Pick<Stages, "embedder" | "sampling">,
): { width: number; height: number } {
  const { width, height, least_width = width, least_height = height } = embedder.manifest.input;
  const frames = Math.max(sampling.minFrames, sampledSecondsOf(probed.timeline) * sampling.framesPerSecond);
  const isLong = frames * width * height * CHANNELS > FULL_SIZE_MAX_BYTES;
  return isLong ? { width: least_width, height: least_height } : { width, height };
}
