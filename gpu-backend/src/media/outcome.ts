// How a media process ended, and which problem that is for the user. ffmpeg's own words may quote the file's
// metadata and our paths, so they are only looked at, never shown.

import { availableParallelism } from "node:os";
import { ProblemError } from "@twinframe/shared/problem";
import type { MediaLimits } from "./limits.ts";

export interface ProcessOutcome {
  /** Null when a signal ended it. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** Why we killed it ourselves; null when we did not. */
  stoppedFor: "abort" | "wall_time" | "output" | null;
  /** Bounded; for looking at only. */
  stderr: string;
  wallMs: number;
}

/** Signals from outside; what is not here (SIGSEGV, SIGABRT, SIGFPE …) is a file that crashes the decoder. */
const INTERRUPTIONS = new Set<NodeJS.Signals | null>(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]);

/** Threads that cannot start want for memory as well: for their stacks; and pictures: for their pixels.
 * Decoders say "temporarily" of damage, too. */
const OUT_OF_MEMORY =
  /Cannot allocate memory|Out of memory|frame_thread_\w+ failed|get_buffer\(\) failed|^(?!.*Error while decoding stream).*Resource temporarily unavailable/m;
/** Then no picture could be made because there is none of that size. */
const IMPOSSIBLE_SIZE = /Picture size \w+ is invalid|image parameters invalid/;

/** As the very first words: the box could not be made, or the file in it may not be read. Neither is the file's fault. */
const NOT_STARTED = /^(bwrap|setpriv|setsid|env): |^(\[error\] )?file:\/dev\/fd\/3: Permission denied/;

const limitExceeded = (what: string) =>
  new ProblemError("media_limit_exceeded", `Reading the video took more ${what} than one video may use.`);

/**
 * Throws when the process was stopped or could not work, whatever it had read by then: the abort's reason,
 * `media_limit_exceeded`, `backend_unavailable` when something outside ended it, or a plain Error when the tool
 * is missing. Returns when the outcome says something about the file.
 */
export function throwIfStopped(outcome: ProcessOutcome, limits: MediaLimits, signal?: AbortSignal): void {
  if (outcome.stoppedFor === "abort") signal?.throwIfAborted();
  if (outcome.stoppedFor === "wall_time") throw limitExceeded("time");
  if (outcome.stoppedFor === "output") throw limitExceeded("output");
  if (outcome.exitCode === 126 || outcome.exitCode === 127 || NOT_STARTED.test(outcome.stderr))
    throw new Error(`ffmpeg or ffprobe cannot be run: ${outcome.stderr.slice(0, 200)}`);
  if (outcome.signal === "SIGXCPU" || (outcome.signal === "SIGKILL" && mayHaveSpentItsCpu(outcome, limits)))
    throw limitExceeded("CPU time");
  // 255 is how ffmpeg answers SIGTERM and SIGINT: the service is going down, and the file is not to blame.
  if (outcome.exitCode === 255 || INTERRUPTIONS.has(outcome.signal))
    throw new ProblemError("backend_unavailable", "Reading the video was interrupted. Try again.");
  if (OUT_OF_MEMORY.test(outcome.stderr) && !IMPOSSIBLE_SIZE.test(outcome.stderr))
    throw limitExceeded("memory");
  if (/exceeds specified max pixel count/.test(outcome.stderr)) throw tooManyPixels(limits);
}

export function tooManyPixels(limits: MediaLimits): ProblemError {
  const megapixels = (limits.maxPixels / 1e6).toFixed(1);
  return new ProblemError(
    "media_limit_exceeded",
    `The picture is larger than the ${megapixels} megapixels allowed. Send the video scaled down.`,
  );
}

/** The kernel's kill for RLIMIT_CPU looks like the one for a machine out of memory; CPU time needs wall time. */
function mayHaveSpentItsCpu(outcome: ProcessOutcome, limits: MediaLimits): boolean {
  return (outcome.wallMs / 1000) * availableParallelism() >= limits.cpuS;
}
