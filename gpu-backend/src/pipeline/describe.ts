// A file's pixels as a track of descriptors: decode, fold, embed.

import type { FrameTrack } from "../index/vector-index.ts";
import { foldFrames, type ProbedVideo, sampleFrames } from "../media/index.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";

export interface DescribedVideo {
  track: FrameTrack;
  sampledFrames: number;
}

export async function describe(
  file: string,
  probed: ProbedVideo,
  stages: Pick<Stages, "embedder" | "limits" | "sampling">,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<DescribedVideo> {
  const { embedder, limits, sampling } = stages;
  const { input } = embedder.manifest;
  const options = { ...sampling, width: input.width, height: input.height };
  const sampled = await clock.time("decode", (progress) =>
    sampleFrames(file, probed, options, limits, signal, progress),
  );
  signal?.throwIfAborted();
  return clock.time("embed", async () => {
    const { frames } = foldFrames(sampled);
    const frameBytes = input.width * input.height * 3;
    const kept = new Uint8Array(frames.length * frameBytes);
    frames.forEach(({ index }, i) => {
      kept.set(sampled.pixels.subarray(index * frameBytes, (index + 1) * frameBytes), i * frameBytes);
    });
    const vectors = frames.length === 0 ? new Float32Array(0) : await embedder.embed(kept, frames.length);
    return {
      sampledFrames: sampled.count,
      track: {
        vectors,
        startS: Float32Array.from(frames, ({ startS }) => startS),
        endS: Float32Array.from(frames, ({ endS }) => endS),
        rate: 1 / sampled.intervalS,
        durationS: Math.max(probed.durationS, frames.at(-1)?.endS ?? 0),
      },
    };
  });
}
