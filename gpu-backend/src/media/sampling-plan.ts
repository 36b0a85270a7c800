// How densely a video is sampled, and which moment each sampled frame stands for. Pure arithmetic.

import type { MediaLimits } from "./limits.ts";
import type { ProbedVideo } from "./probe.ts";

export interface SamplingOptions {
  /** Size of the frames made, in pixels: the model's input size. */
  width: number;
  height: number;
  /** Frames a second of video. */
  framesPerSecond: number;
  /** Short videos are sampled faster, so that this many frames come, as far as they have them. */
  minFrames: number;
  /** Allows to leave out pictures that no other picture is made from, where enough others lie between samples. */
  maySkip?: boolean | undefined;
  /** Hardware decoding (`cuda`, `vaapi`, …); decoding in software when absent. */
  hwaccel?: string | undefined;
}

export const BYTES_PER_PIXEL = 3;
/** Rates are multiples of a thousandth frame a second: ffmpeg and the times computed here agree exactly. */
const RATE_UNIT = 1000;
/**
 * Pictures for each sample from which on some may be skipped. Encoders put few pictures that are not built upon
 * between two that are (seldom more than three), so a sample is then still taken close to its time.
 */
const SKIP_FROM = 8;
/** Raised rates are multiples of this, so that copies whose durations differ a little are sampled alike. */
const SHORT_VIDEO_RATE_STEP = 0.25;

export interface SamplingPlan {
  /** Thousandths of a frame a second. */
  rateMilli: number;
  /** Seconds that each frame stands for. */
  intervalS: number;
  frameBytes: number;
  /** Whether pictures that no other picture is made from are left out. */
  skips: boolean;
  /** How many frames the probed duration gives. */
  expectedFrames: number;
  /** Where sampling stops, whatever the file says of its duration. */
  frameCeiling: number;
}

export function planSampling(
  probed: Pick<ProbedVideo, "durationS" | "frameRate">,
  options: SamplingOptions,
  limits: MediaLimits,
): SamplingPlan {
  const frameBytes = options.width * options.height * BYTES_PER_PIXEL;
  const frameCeiling = Math.max(1, Math.min(limits.maxFrames, Math.floor(limits.maxFrameBytes / frameBytes)));
  let rate = options.framesPerSecond;
  const neededRate = options.minFrames / probed.durationS;
  if (neededRate > rate) rate = Math.ceil(neededRate / SHORT_VIDEO_RATE_STEP - 1e-6) * SHORT_VIDEO_RATE_STEP;
  if (probed.frameRate > 0) rate = Math.min(rate, Math.max(probed.frameRate, 1 / probed.durationS));
  rate = Math.min(rate, frameCeiling / probed.durationS);
  // Up, so that rounding loses no frame of the minimum; but not over the ceiling of a long video.
  const rateMilli = Math.max(1, Math.ceil(rate * RATE_UNIT - 1e-6));
  const expectedFrames = Math.max(1, Math.round((probed.durationS * rateMilli) / RATE_UNIT));
  const skips = options.maySkip === true && (probed.frameRate * RATE_UNIT) / rateMilli >= SKIP_FROM;
  return { rateMilli, intervalS: RATE_UNIT / rateMilli, frameBytes, skips, expectedFrames, frameCeiling };
}

/** ffmpeg's filters: times from the first picture on, whatever the container's clock; few frames are scaled. */
export function samplingFilters(plan: SamplingPlan, options: SamplingOptions): string[] {
  return [
    "setpts=PTS-STARTPTS",
    // "near" makes frame i the picture shown at the middle of its interval.
    `fps=fps=${plan.rateMilli}/${RATE_UNIT}:round=near:start_time=0`,
    `scale=${options.width}:${options.height}:flags=area`,
    "format=rgb24",
  ];
}

/** The middle of each frame's interval, seconds from the video's first picture. */
export function frameTimes(count: number, plan: SamplingPlan): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => (index + 0.5) * plan.intervalS);
}
