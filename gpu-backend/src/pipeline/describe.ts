// A file's pixels as a track of descriptors: decode, fold, trim bars, embed.

import type { FrameTrack } from "../index/vector-index.ts";
import { type ProbedVideo, sampleFrames } from "../media/index.ts";
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
  const sample = (maySkip: boolean) =>
    clock.time("decode", (progress) =>
      sampleFrames(file, probed, { ...options, maySkip }, limits, signal, progress, (soFar) =>
        ahead.see(soFar),
      ),
    );
  try {
    let sampled = await sample(true);
    signal?.throwIfAborted();
    if (sampled.hasGaps) {
      // A video that stands still; or one whose pictures are marked so that skipping leaves out what it shows.
      await ahead.settled();
      ahead = new FramesAhead(embedder);
      sampled = await sample(false);
      signal?.throwIfAborted();
    }
    return await clock.time("embed", async () => ({
      ...(await ahead.finish(sampled, probed.durationS)),
      sampledFrames: sampled.count,
    }));
  } finally {
    await ahead.settled();
  }
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
