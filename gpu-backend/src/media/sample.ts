// Frames of a video at even distances, at the model's input size, and which of its seconds they were made from.

import type { Coverage } from "@twinframe/shared/contract";
import { isFullySeen } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { refuseUnusable } from "./completeness.ts";
import { COUNTED_FILTERS } from "./counted-showing.ts";
import { coverageOf } from "./coverage.ts";
import { decode } from "./decode.ts";
import { DecoderLog } from "./decoder-log.ts";
import { takeDecoderThreads } from "./decoder-threads.ts";
import { threadsThatFit } from "./decoding-memory.ts";
import type { Stretch } from "./flicker.ts";
import { FrameCollector } from "./frame-collector.ts";
import type { MediaLimits } from "./limits.ts";
import { readingArguments } from "./list-packets.ts";
import { type ProcessOutcome, throwIfStopped } from "./outcome.ts";
import { passesOverMuch } from "./passed-over.ts";
import type { ProbedVideo } from "./probe.ts";
import {
  planSampling,
  type SamplingOptions,
  type SamplingPlan,
  samplingFilters,
  trueTimes,
} from "./sampling-plan.ts";

export interface SampledFrames {
  /** rgb24, shape [count, height, width, 3]. */
  pixels: Uint8Array;
  count: number;
  width: number;
  height: number;
  /** Seconds of sampled time that each frame stands for. */
  intervalS: number;
  /**
   * From sampled time, in which frame i stands for [i, i + 1) · intervalS, to seconds from the video's first
   * picture. The same, unless a picture is shown for very long.
   */
  trueTimeOf(sampledS: number): number;
  coverage: Coverage;
  /** Where no frame stands for its interval: see FlickerDetector. In order, seconds from the first picture. */
  flicker: readonly Stretch[];
}

/** The whole frames that have come; `pixels` holds for the call that it is given to. */
export type FramesSoFar = Pick<SampledFrames, "pixels" | "count" | "width" | "height" | "intervalS">;

/** A video on disk, of which one stream of pictures was probed. */
export interface ProbedFile {
  file: string;
  probed: ProbedVideo;
}

export interface SamplingObserver {
  /** Called with the fraction done, 0 to 1; begins anew with each run of the decoder. */
  onProgress?: (fraction: number) => void;
  /** Sees the frames as they come, and must not throw. */
  onFrames?: (soFar: FramesSoFar) => void;
  /** Before each run of the decoder but the first: what came is forgotten. */
  onRestart?: () => Promise<void>;
}

/** In a cheap run, pictures are logged at least so many times more often than frames are sampled, and so often. */
const LOGGED_A_FRAME = 2;
const LOGGED_EVERY_S = 0.125;

/**
 * How carefully a run decodes: as cheaply as the plan allows; all pictures, each logged; or one after the other in
 * software, in which errors and pictures are logged in order, and few decoders die.
 */
type Care = "quick" | "all" | "single";

interface Run {
  outcome: ProcessOutcome;
  log: DecoderLog;
  pixels: Uint8Array;
  count: number;
  coverage: Coverage;
}

/**
 * Decodes the whole video and keeps a frame of each interval; again, and with more care, when the decoder died or did
 * not show all. Problems: `truncated_video`, `unreadable_video`, `media_limit_exceeded`, `backend_unavailable`
 * (interrupted). An abort kills ffmpeg and rejects with the signal's reason once it has exited.
 */
export async function sampleFrames(
  { file, probed }: ProbedFile,
  options: SamplingOptions,
  limits: MediaLimits,
  { signal, ...observer }: SamplingObserver & { signal?: AbortSignal | undefined } = {},
): Promise<SampledFrames> {
  const plan = planSampling(probed, options, limits);
  let care: Care = "quick";
  for (;;) {
    const run = await runOnce({ file, probed, options, plan, limits, care, observer }, signal);
    if (run.log.hasLateStream)
      throw new ProblemError(
        "too_many_video_streams",
        "Another stream of pictures begins in the middle of the file, where it is not looked at. Encode the video again, into one stream.",
      );
    const next = moreCare(care, run, plan.skips && passesOverMuch(probed, run.log));
    if (next === null) {
      await refuseUnusable(file, probed, run.count, run.outcome.stderr);
      const { pixels, count, coverage } = run;
      const { width, height } = options;
      const trueTimeOf = trueTimes(plan, run.log.timeS);
      const { flicker } = run.log;
      return { pixels, count, width, height, intervalS: plan.intervalS, trueTimeOf, coverage, flicker };
    }
    care = next;
    await observer.onRestart?.();
    signal?.throwIfAborted();
  }
}

/** Null when the run is good enough, or as good as it gets. Problem: `unreadable_video`, of a decoder that dies. */
function moreCare(care: Care, { outcome, log, count, coverage }: Run, leavesOutMuch: boolean): Care | null {
  const died = outcome.signal !== null || outcome.exitCode !== 0;
  if (care === "single") {
    // ffmpeg also fails when there is no picture at all.
    if (!died || (outcome.signal === null && count === 0)) return null;
    throw new ProblemError(
      "unreadable_video",
      "The decoder fails at this video each time. It is damaged, or made to do harm: encode it again.",
    );
  }
  if (died || log.isDamaged) return "single";
  const mayMiss = care === "quick" && (!isFullySeen(coverage) || leavesOutMuch);
  return mayMiss ? "all" : null;
}

interface RunOptions extends ProbedFile {
  options: SamplingOptions;
  plan: SamplingPlan;
  limits: MediaLimits;
  care: Care;
  observer: SamplingObserver;
}

async function runOnce(
  { file, probed, options, plan, limits, care, observer }: RunOptions,
  signal?: AbortSignal,
): Promise<Run> {
  const { frameBytes, intervalS } = plan;
  const { width, height } = options;
  const isSingle = care === "single";
  // The picture that stands through a pause must be among them, and those that come out of order.
  const everyS = Math.min(intervalS / LOGGED_A_FRAME, LOGGED_EVERY_S);
  const { longestS, isRegular } = probed.timeline;
  const loggedEveryS = care === "quick" && longestS <= 2 * everyS && isRegular ? everyS : null;
  const log = new DecoderLog(probed.timeline, { isThreaded: !isSingle });
  const collector = new FrameCollector(
    (plan.expectedFrames + 1) * frameBytes,
    plan.frameCeiling * frameBytes,
    (bytes) => {
      observer.onProgress?.(Math.min(1, bytes / (plan.expectedFrames * frameBytes)));
      const count = Math.floor(bytes / frameBytes);
      observer.onFrames?.({ pixels: collector.bytes, count, width, height, intervalS });
    },
  );
  using share = takeDecoderThreads(limits.threads);
  const threads = threadsThatFit(probed.decoding, share.threads, limits);
  const outcome = await decode(
    {
      file,
      log,
      videoStreamIndex: probed.videoStreamIndex,
      inputArguments: readingArguments(probed.ignoresEditList),
      filters: [
        ...(probed.ignoresTimes ? COUNTED_FILTERS : []),
        log.filter(loggedEveryS, plan.momentsSeed ?? 0),
        ...samplingFilters(plan, options),
      ],
      skips: care === "quick" && plan.skips,
      isTurned: probed.isTurned,
      threads: isSingle ? 1 : threads,
      maxFrames: plan.frameCeiling,
      hwaccel: isSingle ? undefined : options.hwaccel,
    },
    collector,
    limits,
    signal,
  );
  throwIfStopped(outcome, limits, signal);
  // A decoder that died may have written a part of a frame.
  const count = Math.floor(collector.bytes.length / frameBytes);
  const pixels = collector.bytes.subarray(0, count * frameBytes);
  const sampledS = trueTimes(plan, log.timeS)(count * intervalS);
  return { outcome, log, pixels, count, coverage: coverageOf(probed, log, { intervalS, sampledS }) };
}
