// Every number that bounds what one uploaded file can cost. The files come from strangers.

import { availableParallelism } from "node:os";
import type { Sandbox } from "./sandbox/index.ts";

export interface MediaLimits {
  /** Videos that state or have a longer duration are refused (video_too_long). */
  maxDurationS: number;
  /** Pixels of one picture, width × height; more is media_limit_exceeded. */
  maxPixels: number;
  /** Wall-clock time of one ffprobe process. */
  probeWallMs: number;
  /** Wall-clock time of one ffmpeg process. */
  decodeWallMs: number;
  /** CPU time of one process, over all its threads (RLIMIT_CPU). */
  cpuS: number;
  /** All processes of one analysis together: none runs on after it. Wall-clock time. */
  analysisWallMs: number;
  /** Memory that one decoding process may write to (RLIMIT_DATA), threads' stacks included. */
  memoryBytes: number;
  /** The same of a process that reads packets and decodes next to nothing. */
  readingMemoryBytes: number;
  /** Sampled frames of one video; a longer video is sampled more sparsely. */
  maxFrames: number;
  /** Bytes of all sampled frames of one video; larger frames are sampled more sparsely. */
  maxFrameBytes: number;
  /** Decoder threads of all processes together, at least one each. */
  threads: number;
  /** The sandbox around ffmpeg; the strongest that works here when absent. */
  sandbox?: Sandbox;
  /** When the analysis that is running has to end, on the clock of performance.now(); no such time when absent. */
  endsAtMs?: number;
}

export const DEFAULT_MEDIA_LIMITS: MediaLimits = {
  maxDurationS: 4 * 3600,
  maxPixels: 8192 * 4352,
  probeWallMs: 30_000,
  decodeWallMs: 15 * 60_000,
  cpuS: 30 * 60,
  analysisWallMs: 30 * 60_000,
  memoryBytes: 4 * 1024 ** 3,
  readingMemoryBytes: 512 * 1024 ** 2,
  maxFrames: 4 * 3600,
  maxFrameBytes: 256 * 1024 ** 2,
  // Counts what the container may use of the machine's cores, too.
  threads: availableParallelism(),
};

/** The limits of an analysis that begins now. */
export function startDeadline(limits: MediaLimits): MediaLimits {
  return { ...limits, endsAtMs: performance.now() + limits.analysisWallMs };
}

/** How long a process may run that may run for `mostMs` by itself; 0 when the analysis' time is spent. */
export function wallMsLeft({ endsAtMs }: Pick<MediaLimits, "endsAtMs">, mostMs: number): number {
  return endsAtMs === undefined ? mostMs : Math.max(0, Math.min(mostMs, endsAtMs - performance.now()));
}
