// One ffmpeg run through fluent-ffmpeg: pictures in, raw frames out, however it ends.

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import ffmpeg from "fluent-ffmpeg";
import { type DecoderLog, LOG_ARGUMENTS } from "./decoder-log.ts";
import type { FrameCollector } from "./frame-collector.ts";
import { guardArguments, launch } from "./input-guard.ts";
import { type MediaLimits, wallMsLeft } from "./limits.ts";
import type { ProcessOutcome } from "./outcome.ts";
import { exitOf, INPUT_URL, killTool, LIMITED_TOOL_PATH } from "./sandbox/index.ts";

/** The log gets every line; these are fluent-ffmpeg's own. */
const STDERR_KEPT_LINES = 20;

export interface DecodeRun {
  file: string;
  videoStreamIndex: number;
  /** As `readingArguments` give them. */
  inputArguments: string[];
  /** Called with each line of ffmpeg's log. */
  log: DecoderLog;
  filters: string[];
  /** Leaves out pictures that no other picture is made from. */
  skips: boolean;
  /** Whether pictures keep one size for the filters, as the file asks for turning them; else they may change it. */
  isTurned: boolean;
  /** Frames after which ffmpeg stops by itself. */
  maxFrames: number;
  hwaccel?: string | undefined;
  /** Of the decoder; at least 1. */
  threads: number;
}

/**
 * Fills the collector; resolves once ffmpeg has exited and its whole output is collected. Traps of fluent-ffmpeg
 * kept clear of: a listener to `progress` makes it probe the input without any guard, its time-out sends SIGTERM
 * and does not wait, and its `end` comes from the exit, when the pipe may still hold frames.
 */
export async function decode(
  run: DecodeRun,
  collector: FrameCollector,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<ProcessOutcome> {
  const launched = await launch({ ...run, tool: "ffmpeg", decodes: run.hwaccel ? "gpu" : "cpu" }, limits);
  signal?.throwIfAborted();
  const command = buildCommand(run, launched, limits);
  const startedMs = performance.now();
  let stoppedFor: ProcessOutcome["stoppedFor"] = null;
  let isRunning = false;
  const stop = (reason: NonNullable<ProcessOutcome["stoppedFor"]>) => {
    stoppedFor ??= reason;
    if (isRunning) killTool(processOf(command));
  };
  const onAbort = () => stop("abort");
  const timer = setTimeout(() => stop("wall_time"), wallMsLeft(limits, limits.decodeWallMs));
  signal?.addEventListener("abort", onAbort, { once: true });
  const collected = once(collector, "finish");
  try {
    const ended = new Promise<{ error: Error | null }>((resolve) => {
      command
        .on("stderr", run.log.read)
        .on("start", () => {
          isRunning = true;
          if (stoppedFor !== null) killTool(processOf(command));
        })
        .on("error", (error: Error) => resolve({ error }))
        .on("end", () => resolve({ error: null }));
    });
    command.pipe(collector, { end: true });
    collector.on("overflow", () => stop("output"));
    const { error } = await ended;
    if (isRunning) await collected;
    const { exitCode, signal: killedBy } = readExit(error);
    return {
      exitCode,
      signal: killedBy,
      stoppedFor,
      stderr: run.log.notable,
      wallMs: performance.now() - startedMs,
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function buildCommand(run: DecodeRun, launched: string[], limits: MediaLimits) {
  return (
    ffmpeg({ stdoutLines: STDERR_KEPT_LINES })
      .setFfmpegPath(LIMITED_TOOL_PATH)
      .input(INPUT_URL)
      // One by one: fluent-ffmpeg splits what it gets as one array at spaces.
      .inputOptions(
        ...launched,
        ...["-nostdin", ...LOG_ARGUMENTS],
        ...guardArguments(limits),
        ...run.inputArguments,
        ...(run.hwaccel === undefined ? [] : ["-hwaccel", run.hwaccel]),
        ...["-threads", String(run.threads)],
        // Broken pictures are left out; how much is missing is judged from what came.
        ...["-max_error_rate", "1"],
        // The filters go on when a picture has another size: the scaler takes each as it is. What turns them cannot.
        ...(run.isTurned ? [] : ["-noautorotate", "-reinit_filter", "0"]),
        ...(run.skips ? ["-skip_frame", "noref"] : []),
      )
      .outputOptions([
        ...["-map", `0:${run.videoStreamIndex}`, "-an", "-sn", "-dn"],
        ...["-filter:v", run.filters.join(","), "-fps_mode", "passthrough"],
        ...["-frames:v", String(run.maxFrames), "-c:v", "rawvideo", "-pix_fmt", "rgb24"],
        // Copying out small frames needs no threads; they would only take memory.
        ...["-threads", "1"],
      ])
      .format("rawvideo")
  );
}

/** There from `start` on; fluent-ffmpeg's types do not know it. */
const processOf = (command: ffmpeg.FfmpegCommand) =>
  (command as ffmpeg.FfmpegCommand & { ffmpegProc: ChildProcess }).ffmpegProc;

/** fluent-ffmpeg reports the exit in its error's text only. */
function readExit(error: Error | null): Pick<ProcessOutcome, "exitCode" | "signal"> {
  if (error === null) return { exitCode: 0, signal: null };
  // At its beginning: what follows may quote the file.
  const killedBy = /^ffmpeg was killed with signal (SIG\w+)/.exec(error.message)?.[1];
  if (killedBy !== undefined) return { exitCode: null, signal: killedBy as NodeJS.Signals };
  const exitCode = /^ffmpeg exited with code (\d+)/.exec(error.message)?.[1];
  if (exitCode === undefined) throw new Error("ffmpeg cannot be run", { cause: error });
  return exitOf(Number(exitCode), null);
}

/**
 * Has fluent-ffmpeg list formats and encoders, which it does once in a process, before its first run: two starts
 * of ffmpeg that the first video need not wait for.
 */
export function warmUpDecoder(): Promise<void> {
  return new Promise((resolve, reject) => {
    const command = ffmpeg().setFfmpegPath(LIMITED_TOOL_PATH);
    command.getAvailableFormats((formatsError) => {
      if (formatsError) return reject(formatsError);
      command.getAvailableEncoders((encodersError) => (encodersError ? reject(encodersError) : resolve()));
    });
  });
}
