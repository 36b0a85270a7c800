// How densely a video is sampled, and which moment each sampled frame stands for. Pure arithmetic.

import { createHmac } from "node:crypto";
import type { MediaLimits } from "./limits.ts";
import type { Timeline } from "./packet-times.ts";
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
  /**
   * Picks the moment within each interval at which its frame is taken, so that without the key the
   * sampled pictures cannot be foreseen. The middles when absent.
   */
  momentsKey?: Uint8Array | undefined;
  /** Hardware decoding (`cuda`, `vaapi`, …); decoding in software when absent. */
  hwaccel?: string | undefined;
}

const BYTES_PER_PIXEL = 3;
/** Rates are multiples of a thousandth frame a second: ffmpeg and the times computed here agree exactly. */
const RATE_UNIT = 1000;
/**
 * Pictures for each sample from which on some may be skipped. Encoders put few pictures that are not built upon
 * between two that are (seldom more than three), so a sample is then still taken close to its time.
 */
const SKIP_FROM = 8;
/** Raised rates are multiples of this, so that copies whose durations differ a little are sampled alike. */
const SHORT_VIDEO_RATE_STEP = 0.25;
/**
 * A picture that is shown for longer is sampled as if for so long, seconds: else a video that stands still for hours
 * would use up the frames of its moving part.
 */
const LONGEST_HOLD_S = 10;
/** Moments within an interval among which one is picked at most: one for each of its pictures, up to here. */
const MOST_MOMENTS = 61;
/**
 * Share of the intervals in which no moment is picked but the middle taken, where a copy's frames are most like those
 * of its reference. Pictures that move fast differ much within an interval.
 */
const MIDDLES = 0.4;
/** Pictures for each sample from which on one is picked. */
const PICK_FROM = 2;

export interface SamplingPlan {
  /** Thousandths of a frame a second. */
  rateMilli: number;
  /** Seconds that each frame stands for. */
  intervalS: number;
  frameBytes: number;
  /** Whether pictures that no other picture is made from are left out. */
  skips: boolean;
  /** Whether some picture is shown for longer than it is sampled. */
  shortens: boolean;
  /** Seconds that are sampled. */
  sampledS: number;
  /** How many frames that gives. */
  expectedFrames: number;
  /** Never reached by a file whose pictures come at its packets' times. */
  frameCeiling: number;
  /** From which the moments within the intervals follow; null for their middles. */
  momentsSeed: number | null;
  /** Moments within an interval: no fewer than pictures, so that each of them may be picked, and an odd number. */
  moments: number;
}

export function planSampling(
  probed: Pick<ProbedVideo, "frameRate" | "timeline" | "packetsSignature" | "ignoresTimes">,
  options: SamplingOptions,
  limits: MediaLimits,
): SamplingPlan {
  const frameBytes = options.width * options.height * BYTES_PER_PIXEL;
  const frameCeiling = Math.max(1, Math.min(limits.maxFrames, Math.floor(limits.maxFrameBytes / frameBytes)));
  const shortens = probed.timeline.longestS > LONGEST_HOLD_S;
  const sampledS = sampledSecondsOf(probed.timeline);
  let rate = options.framesPerSecond;
  const neededRate = options.minFrames / sampledS;
  if (neededRate > rate) rate = Math.ceil(neededRate / SHORT_VIDEO_RATE_STEP - 1e-6) * SHORT_VIDEO_RATE_STEP;
  if (probed.frameRate > 0) rate = Math.min(rate, Math.max(probed.frameRate, 1 / sampledS));
  rate = Math.min(rate, frameCeiling / sampledS);
  // Up, so that rounding loses no frame of the minimum; but not over the ceiling of a long video.
  const rateMilli = Math.max(1, Math.ceil(rate * RATE_UNIT - 1e-6));
  const expectedFrames = Math.max(1, Math.round((sampledS * rateMilli) / RATE_UNIT));
  // Where pictures are counted, each counts.
  const maySkip = options.maySkip === true && !probed.ignoresTimes;
  const skips = maySkip && (probed.frameRate * RATE_UNIT) / rateMilli >= SKIP_FROM;
  const intervalS = RATE_UNIT / rateMilli;
  // Where every picture is sampled, there is nothing to pick.
  const mayPick = expectedFrames > 1 && (probed.frameRate * RATE_UNIT) / rateMilli >= PICK_FROM;
  const key = mayPick ? options.momentsKey : undefined;
  const momentsSeed = key ? seedOf(key, probed.packetsSignature) : null;
  return {
    rateMilli,
    intervalS,
    frameBytes,
    skips,
    shortens,
    sampledS,
    expectedFrames,
    frameCeiling,
    momentsSeed,
    moments: 2 * Math.floor(Math.min(MOST_MOMENTS, Math.ceil(probed.frameRate * intervalS)) / 2) + 1,
  };
}

/** The same file is sampled at the same moments each time; at most eight digits, which ffmpeg reads exactly. */
function seedOf(key: Uint8Array, packetsSignature: string): number {
  return createHmac("sha256", key).update(packetsSignature).digest().readUInt32BE() % 100_000_000;
}

/** A video's seconds without those for which a picture is shown longer than it is sampled. */
export function sampledSecondsOf({ startS, durationS, longestS }: Timeline): number {
  if (longestS <= LONGEST_HOLD_S) return durationS;
  return startS.reduce(
    (sum, start, i) => sum + Math.min(LONGEST_HOLD_S, (startS[i + 1] ?? durationS) - start),
    0,
  );
}

/**
 * From sampled time to the video's own, both in seconds from the first picture. `pictureS`: when the decoded
 * pictures are shown, in order.
 */
export function trueTimes(plan: Pick<SamplingPlan, "shortens">, pictureS: readonly number[]) {
  if (!plan.shortens) return (sampledS: number) => sampledS;
  const originS = pictureS[0] ?? 0;
  const ownS = pictureS.map((time) => time - originS);
  const sampled: number[] = [];
  ownS.forEach((time, i) => {
    const heldS = i === 0 ? 0 : Math.min(LONGEST_HOLD_S, time - (ownS[i - 1] as number));
    sampled.push((sampled[i - 1] ?? 0) + heldS);
  });
  return (sampledS: number) => {
    const next = sampled.findIndex((time) => time > sampledS);
    if (next < 1) return (ownS.at(-1) ?? 0) + sampledS - (sampled.at(-1) ?? 0);
    const [fromS, toS] = [sampled[next - 1] as number, sampled[next] as number];
    const [from, to] = [ownS[next - 1] as number, ownS[next] as number];
    return from + ((sampledS - fromS) / (toS - fromS)) * (to - from);
  };
}

/** ffmpeg's filters: times from the first picture on, whatever the container's clock; few frames are scaled. */
export function samplingFilters(plan: SamplingPlan, options: SamplingOptions): string[] {
  const shortened = `if(isnan(PREV_OUTPTS),0,PREV_OUTPTS+min(PTS-PREV_INPTS,${LONGEST_HOLD_S}/TB))`;
  return [
    plan.shortens ? `setpts='${shortened}'` : "setpts=PTS-STARTPTS",
    ...framesOfIntervals(plan),
    `scale=${options.width}:${options.height}:flags=area`,
    "format=rgb24",
  ];
}

function framesOfIntervals({ rateMilli, momentsSeed, moments, sampledS }: SamplingPlan): string[] {
  // "near" makes frame i the picture shown at the middle of its interval.
  const at = (milli: number) => `fps=fps=${milli}/${RATE_UNIT}:round=near:start_time=0`;
  if (momentsSeed === null) return [at(rateMilli)];
  const all = Math.round((sampledS * rateMilli * moments) / RATE_UNIT);
  // The last interval may be cut short: less than half of it gives no frame, as with middles.
  const lastWhole = Math.floor(all / moments);
  const left = all % moments;
  const ofLast = left > moments / 2 ? left : 0;
  const interval = `floor(n/${moments})`;
  // A pseudo-random number of each interval, 0 to 1.
  const random = `mod(abs(sin(${interval}*12.9898+${momentsSeed / 1000}))*43758.5453,1)`;
  const count = `if(gte(${interval},${lastWhole}),${ofLast},${moments})`;
  const middle = `min(${(moments - 1) / 2},ld(1)-1)`;
  const any = `floor(ld(1)*(ld(0)-${MIDDLES})/${1 - MIDDLES})`;
  const moment = `if(lt(ld(0),${MIDDLES}),${middle},${any})`;
  const picked = `st(0,${random});st(1,${count});ld(1)*eq(mod(n,${moments}),${moment})`;
  return [at(rateMilli * moments), `select='${picked}'`];
}
