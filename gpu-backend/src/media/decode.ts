// One ffmpeg run through fluent-ffmpeg: pictures in, raw frames out, however it ends.

import { once } from "node:events";
import ffmpeg from "fluent-ffmpeg";
import type { FrameCollector } from "./frame-collector.ts";
import { guardArguments, launch } from "./input-guard.ts";
import { type MediaLimits, wallMsLeft } from "./limits.ts";
import type { ProcessOutcome } from "./outcome.ts";
import { exitOf, INPUT_URL, LIMITED_TOOL_PATH } from "./sandbox/index.ts";

const STDERR_KEPT_LINES = 300;

export interface DecodeRun {
  file: string;
  videoStreamIndex: number;
  filters: string[];
  /** Leaves out pictures that no other picture is made from. */
  skips: boolean;
  /** Frames after which ffmpeg stops by itself. */
  maxFrames: number;
  hwaccel?: string | undefined;
  /** Of the decoder; at least 1. */
  threads: number;
}

/**
 * Fills the collector; resolves once ffmpeg is gone and its whole output is collected. Traps of fluent-ffmpeg
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
    if (isRunning) command.kill("SIGKILL");
  };
  const onAbort = () => stop("abort");
  const timer = setTimeout(() => stop("wall_time"), wallMsLeft(limits, limits.decodeWallMs));
  signal?.addEventListener("abort", onAbort, { once: true });
  const collected = once(collector, "finish");
  try {
    const ended = new Promise<{ error: Error | null; stderr: string }>((resolve) => {
      command
        .on("start", () => {
          isRunning = true;
          if (stoppedFor !== null) command.kill("SIGKILL");
        })
        .on("error", (error: Error, _stdout, stderr) => resolve({ error, stderr: stderr ?? "" }))
        .on("end", (_stdout, stderr) => resolve({ error: null, stderr: stderr ?? "" }));
    });
    command.pipe(collector, { end: true });
    collector.on("overflow", () => stop("output"));
    const { error, stderr } = await ended;
    if (isRunning) await collected;
    const { exitCode, signal: killedBy } = readExit(error);
    return { exitCode, signal: killedBy, stoppedFor, stderr, wallMs: performance.now() - startedMs };
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
        ...["-nostdin", "-v", "error"],
        ...guardArguments(limits),
        ...(run.hwaccel === undefined ? [] : ["-hwaccel", run.hwaccel]),
        ...["-threads", String(run.threads)],
        // Broken pictures are left out; how much is missing is judged from what came.
        ...["-max_error_rate", "1"],
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

/** fluent-ffmpeg tells the exit in its error's text only. */
function readExit(error: Error | null): Pick<ProcessOutcome, "exitCode" | "signal"> {
  if (error === null) return { exitCode: 0, signal: null };
  const killedBy = /killed with signal (SIG\w+)/.exec(error.message)?.[1];
  if (killedBy !== undefined) return { exitCode: null, signal: killedBy as NodeJS.Signals };
  const exitCode = /exited with code (\d+)/.exec(error.message)?.[1];
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
