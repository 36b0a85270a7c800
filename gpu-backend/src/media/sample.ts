// Frames of a video at even distances, at the model's input size.

import { refuseIncomplete } from "./completeness.ts";
import { decode } from "./decode.ts";
import { FrameCollector } from "./frame-collector.ts";
import type { MediaLimits } from "./limits.ts";
import { throwIfStopped } from "./outcome.ts";
import type { ProbedVideo } from "./probe.ts";
import { frameTimes, planSampling, type SamplingOptions, samplingFilters } from "./sampling-plan.ts";

export interface SampledFrames {
  /** rgb24, shape [count, height, width, 3]. */
  pixels: Uint8Array;
  count: number;
  width: number;
  height: number;
  /** The middle of each frame's interval, seconds from the video's first picture. */
  timesS: Float32Array;
  /** Seconds that each frame stands for. */
  intervalS: number;
}

/**
 * Decodes the whole video and keeps a frame of each interval. `onProgress` hears the fraction done, 0 to 1.
 * Problems: `truncated_video`, `unreadable_video`, `media_limit_exceeded`, `backend_unavailable` (interrupted).
 * An abort kills ffmpeg and rejects with the signal's reason once it is gone.
 */
export async function sampleFrames(
  file: string,
  probed: ProbedVideo,
  options: SamplingOptions,
  limits: MediaLimits,
  signal?: AbortSignal,
  onProgress?: (fraction: number) => void,
): Promise<SampledFrames> {
  const plan = planSampling(probed, options, limits);
  const collector = new FrameCollector(
    (plan.expectedFrames + 1) * plan.frameBytes,
    plan.frameCeiling * plan.frameBytes,
    (bytes) => onProgress?.(Math.min(1, bytes / (plan.expectedFrames * plan.frameBytes))),
  );
  const outcome = await decode(
    {
      file,
      videoStreamIndex: probed.videoStreamIndex,
      filters: samplingFilters(plan, options),
      maxFrames: plan.frameCeiling,
      hwaccel: options.hwaccel,
    },
    collector,
    limits,
    signal,
  );
  throwIfStopped(outcome, limits, signal);
  const { bytes } = collector;
  const count = bytes.length / plan.frameBytes;
  if (!Number.isInteger(count)) throw new Error("ffmpeg gave a part of a frame");
  await refuseIncomplete(file, probed, plan, count, outcome.stderr);
  return {
    pixels: bytes,
    count,
    width: options.width,
    height: options.height,
    timesS: frameTimes(count, plan),
    intervalS: plan.intervalS,
  };
}
