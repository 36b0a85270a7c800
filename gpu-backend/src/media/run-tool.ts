// Runs ffprobe, or ffmpeg where its output is text, under the limits of limited.sh.

import { spawn } from "node:child_process";
import { launch } from "./input-guard.ts";
import { type MediaLimits, wallMsLeft } from "./limits.ts";
import type { ProcessOutcome } from "./outcome.ts";
import { exitOf, killTool, LIMITED_TOOL_PATH } from "./sandbox/index.ts";

const STDERR_KEPT_CHARACTERS = 32_768;

export interface ToolRun {
  tool: "ffmpeg" | "ffprobe";
  /** The one file that the process sees; to its arguments it is INPUT_URL. */
  file: string;
  arguments: string[];
  wallMs: number;
  /** Gets the output as it comes; it may return false to have the process killed (`output`). */
  onOutput: (text: string) => boolean;
}

/** Resolves once the process has exited and its pipes are closed, however it ended; rejects if it cannot start. */
export async function runTool(
  run: ToolRun,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<ProcessOutcome> {
  const launched = await launch(run, limits);
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    let stoppedFor: ProcessOutcome["stoppedFor"] = null;
    let stderr = "";
    const child = spawn(LIMITED_TOOL_PATH, [...launched, ...run.arguments], {
      // The first is what the launcher lives by; Node closes it when the process has ended.
      stdio: ["pipe", "pipe", "pipe"],
    });
    const stop = (reason: NonNullable<ProcessOutcome["stoppedFor"]>) => {
      stoppedFor ??= reason;
      killTool(child);
    };
    const onAbort = () => stop("abort");
    const timer = setTimeout(() => stop("wall_time"), wallMsLeft(limits, run.wallMs));
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const settled = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };

    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stoppedFor === null && !run.onOutput(text)) stop("output");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < STDERR_KEPT_CHARACTERS) stderr += text.slice(0, STDERR_KEPT_CHARACTERS);
    });
    child.once("error", (error) => {
      settled();
      reject(error);
    });
    child.once("close", (exitCode, killedBy) => {
      settled();
      const wallMs = performance.now() - startedMs;
      resolve({ ...exitOf(exitCode, killedBy), stoppedFor, stderr, wallMs });
    });
  });
}

/** Collects at most `maxCharacters` of output. */
export function textCollector(maxCharacters: number): {
  onOutput: (text: string) => boolean;
  text(): string;
} {
  const parts: string[] = [];
  let length = 0;
  return {
    onOutput(text) {
      length += text.length;
      parts.push(text);
      return length <= maxCharacters;
    },
    text: () => parts.join(""),
  };
}
