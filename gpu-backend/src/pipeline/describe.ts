// A file's pixels as a track of descriptors: decode, fold, trim bars, embed.

import type { Coverage } from "@twinframe/shared/contract";
import type { FrameTrack } from "../index/frame-track.ts";
import {
  type ProbedFile,
  type ProbedVideo,
  sampledSecondsOf,
  sampleFrames,
  withoutStretches,
} from "../media/index.ts";
import type { WorkContext } from "../work/work-context.ts";
import type { Pictures } from "./describe-view.ts";
import { FrameDescriber } from "./describe-while-decoding.ts";
import type { DescribeStage } from "./stages.ts";

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
  { file, probed }: ProbedFile,
  stages: DescribeStage,
  { clock, signal }: WorkContext,
): Promise<DescribedVideo> {
  const { embedder, limits, sampling } = stages;
  const options = { ...sampling, ...frameSize(probed, stages), maySkip: true };
  let describer = new FrameDescriber(embedder);
  try {
    const sampled = await clock.time("decode", (onProgress) =>
      sampleFrames({ file, probed }, options, limits, {
        signal,
        onProgress,
        onFrames: (soFar) => describer.see(soFar),
        onRestart: async () => {
          await describer.settled();
          describer = new FrameDescriber(embedder);
        },
      }),
    );
    signal?.throwIfAborted();
    const { count: sampledFrames, coverage } = sampled;
    // A reference is not refused for it.
    const isQuery = sampling.momentsKey !== undefined;
    const seen = isQuery ? withoutStretches(coverage, sampled.flicker) : coverage;
    return await clock.time("embed", async () => ({
      ...(await describer.finish(sampled, coverage.duration_s)),
      sampledFrames,
      coverage: seen,
    }));
  } finally {
    await describer.settled();
  }
}

/** The stages for describing references, whose moments may be foreseen: an owner gains nothing by hiding from them. */
export function sampledAtMiddles<S extends Pick<DescribeStage, "sampling">>(stages: S): S {
  return { ...stages, sampling: { ...stages.sampling, momentsKey: undefined } };
}

function frameSize(
  probed: ProbedVideo,
  { embedder, sampling }: Pick<DescribeStage, "embedder" | "sampling">,
): { width: number; height: number } {
  const { width, height, least_width = width, least_height = height } = embedder.manifest.input;
  const frames = Math.max(sampling.minFrames, sampledSecondsOf(probed.timeline) * sampling.framesPerSecond);
  const isLong = frames * width * height * CHANNELS > FULL_SIZE_MAX_BYTES;
  return isLong ? { width: least_width, height: least_height } : { width, height };
}
