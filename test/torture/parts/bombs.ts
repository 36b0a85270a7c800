// Small files that ask for much: each is read by the media functions in the very launcher that the backend uses.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  chooseSandbox,
  DEFAULT_MEDIA_LIMITS,
  inspectVideo,
  type MediaLimits,
  sampleFrames,
  startDeadline,
} from "@twinframe/gpu-backend/media";
import { planMemory } from "@twinframe/gpu-backend/memory-plan";
import { ProblemError } from "@twinframe/shared/problem";
import type { CaseResult, Part } from "../part.ts";
import { BOMBS } from "./bombs/all.ts";
import { watchTree } from "./bombs/watch-tree.ts";

const MEBIBYTE = 1024 ** 2;
const DEADLINE_MS = 15_000;
/** For the last process to be gone, and for what Node does with the frames. */
const GRACE_MS = 5_000;
/** The program itself, as the plan counts it. */
const BASE_BYTES = 512 * MEBIBYTE;
const CONTAINER = { totalBytes: 4 * 1024 * MEBIBYTE, isLimit: true };
/** What may be said of a file, whatever is in it; nothing else, such as an error of our own. */
const ANSWERS = new Set(
  "unreadable_video truncated_video no_video_stream zero_duration video_too_long media_limit_exceeded empty_video unsupported_codec too_many_video_streams".split(
    " ",
  ),
);
const SAMPLING = { width: 192, height: 192, framesPerSecond: 2, minFrames: 8, maySkip: true };

export const part: Part = {
  name: "bombs",
  about:
    "files that ask for memory or time: fails when one is not done by its deadline, when its processes take more memory than planned, or when the answer is an error of ours",
  cases: BOMBS.length,
  slice: 4,
  async open({ folder, log }) {
    mkdirSync(folder, { recursive: true });
    const { maxFrameBytes } = DEFAULT_MEDIA_LIMITS;
    const plan = planMemory(CONTAINER, {
      indexMaxBytes: undefined,
      maxConcurrentAnalyses: undefined,
      mediaMemoryBytes: undefined,
      maxFrameBytes,
      isEmbedded: true,
    });
    const sandbox = await chooseSandbox("auto");
    const limits: MediaLimits = {
      ...DEFAULT_MEDIA_LIMITS,
      memoryBytes: plan.mediaMemoryBytes,
      readingMemoryBytes: plan.readingMemoryBytes,
      analysisWallMs: DEADLINE_MS,
      sandbox,
    };
    const allowed = BASE_BYTES + maxFrameBytes + plan.readingMemoryBytes + plan.mediaMemoryBytes;
    log(`bombs: in ${sandbox.name}; ${Math.round(allowed / MEBIBYTE)} MiB for one analysis and the program`);
    let peak = { bytes: 0, name: "none" };
    let slowest = { ms: 0, name: "none" };
    const answers = new Map<string, number>();

    return {
      async run(index, random, signal): Promise<CaseResult> {
        const { kind, name, isWhole, make } = BOMBS[index]!;
        const file = await make(join(folder, name), random, signal);
        const watch = watchTree(process.pid);
        const startedMs = performance.now();
        const answer = await read(file, startDeadline(limits), signal);
        const ms = performance.now() - startedMs;
        const bytes = watch.stop();
        if (bytes > peak.bytes) peak = { bytes, name };
        if (ms > slowest.ms) slowest = { ms, name };
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        const faults = [
          ...(ms > DEADLINE_MS + GRACE_MS ? [`took ${Math.round(ms)} ms`] : []),
          ...(bytes > allowed ? [`took ${Math.round(bytes / MEBIBYTE)} MiB`] : []),
          ...((answer === "read" || ANSWERS.has(answer)) && !(isWhole && answer === "truncated_video")
            ? []
            : [`was answered by ${answer}`]),
        ];
        if (faults.length === 0) return { kind, held: true };
        return { kind, held: false, detail: `${name} ${faults.join(", ")}`, keep: [file] };
      },
      figures: async () => ({
        "peak MiB": `${Math.round(peak.bytes / MEBIBYTE)} of ${Math.round(allowed / MEBIBYTE)} (${peak.name})`,
        slowest: `${(slowest.ms / 1000).toFixed(1)} s (${slowest.name})`,
        answers: [...answers].map(([code, count]) => `${code} ${count}`).join(", "),
      }),
      close: async () => {},
    };
  },
};

/** All that an analysis does with the file. Gives the problem's code, or `read`. */
async function read(file: string, limits: MediaLimits, signal: AbortSignal): Promise<string> {
  try {
    const { probed, packetsSha256 } = await inspectVideo(file, limits, signal);
    const results = await Promise.allSettled([
      sampleFrames({ file, probed }, SAMPLING, limits, { signal }),
      packetsSha256,
    ]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    return "read";
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof ProblemError ? error.code : String((error as Error)?.stack ?? error);
  }
}
