// Frames of a video at even distances, at the model's input size.

import { refuseIncomplete } from "./completeness.ts";
import { decode } from "./decode.ts";
import { takeDecoderThreads } from "./decoder-threads.ts";
import { threadsThatFit } from "./decoding-memory.ts";
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
  /** Whether pictures were skipped, and so many frames are the very one before them that some may be missing. */
  hasGaps: boolean;
}

/** More frames than this share repeated says that what was skipped may have been the video. */
const REPEATED_SHARE = 0.1;

/** The whole frames that have come; `pixels` holds for the call that it is given to. */
export type FramesSoFar = Pick<SampledFrames, "pixels" | "count" | "width" | "height" | "intervalS">;

/**
 * Decodes the whole video and keeps a frame of each interval. `onProgress` hears the fraction done, 0 to 1;
 * `onFrames` sees the frames as they come, and must not throw.
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
  onFrames?: (soFar: FramesSoFar) => void,
): Promise<SampledFrames> {
  const plan = planSampling(probed, options, limits);
  const { width, height } = options;
  const { frameBytes, intervalS } = plan;
  const collector = new FrameCollector(
    (plan.expectedFrames + 1) * frameBytes,
    plan.frameCeiling * frameBytes,
    (bytes) => {
      onProgress?.(Math.min(1, bytes / (plan.expectedFrames * frameBytes)));
      const count = Math.floor(bytes / frameBytes);
      onFrames?.({ pixels: collector.bytes, count, width, height, intervalS });
    },
  );
  using share = takeDecoderThreads(limits.threads);
  const threads = threadsThatFit(probed.decoding, share.threads, limits);
  const outcome = await decode(
    {
      file,
      threads,
      videoStreamIndex: probed.videoStreamIndex,
      filters: samplingFilters(plan, options),
      skips: plan.skips,
      maxFrames: plan.frameCeiling,
      hwaccel: options.hwaccel,
    },
    collector,
    limits,
    signal,
  );
  throwIfStopped(outcome, limits, signal);
  const { bytes } = collector;
  const count = bytes.length / frameBytes;
  if (!Number.isInteger(count)) throw new Error("ffmpeg gave a part of a frame");
  await refuseIncomplete(file, probed, plan, count, outcome.stderr);
  return {
    pixels: bytes,
    count,
    ...{ width, height },
    timesS: frameTimes(count, plan),
    intervalS,
    hasGaps: plan.skips && repeatedFrames(bytes, frameBytes) > count * REPEATED_SHARE,
  };
}

/** How many frames are byte for byte the one before them: ffmpeg repeats a frame where there is no other. */
function repeatedFrames(pixels: Uint8Array, frameBytes: number): number {
  let repeated = 0;
  for (let at = frameBytes; at < pixels.length; at += frameBytes)
    if (Buffer.compare(pixels.subarray(at - frameBytes, at), pixels.subarray(at, at + frameBytes)) === 0)
      repeated++;
  return repeated;
}
