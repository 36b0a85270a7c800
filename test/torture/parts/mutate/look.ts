// A file through the media stages as the pipeline calls them, without descriptors.

import { DEFAULT_MEDIA_LIMITS, inspectVideo, sampleFrames } from "@twinframe/gpu-backend/media";
import { isFullySeen } from "@twinframe/shared/contract";
import { PROBLEMS, ProblemError } from "@twinframe/shared/problem";
import { cellsOf, SIDE } from "./numbered-pictures.ts";

const SAMPLING = { framesPerSecond: 2, minFrames: 8, width: SIDE, height: SIDE, maySkip: true };
const LIMITS = { ...DEFAULT_MEDIA_LIMITS, threads: 1 };

export type Look =
  /** The file's fault, said so. */
  | { answer: "refused"; code: string }
  | { answer: "not fully seen" }
  /** With the cells of the frames that were looked at. */
  | { answer: "whole"; seen: number[][] }
  /** Anything that is not the file's fault. */
  | { answer: "broken"; error: unknown };

export async function lookAt(file: string, signal: AbortSignal): Promise<Look> {
  try {
    const { probed, others, packetsSha256 } = await inspectVideo(file, LIMITS, signal);
    const seen: number[][] = [];
    let isWhole = true;
    await packetsSha256;
    for (const video of [probed, ...others]) {
      const { pixels, count, coverage } = await sampleFrames({ file, probed: video }, SAMPLING, LIMITS, {
        signal,
      });
      isWhole &&= isFullySeen(coverage);
      const bytes = 3 * SIDE * SIDE;
      for (let i = 0; i < count; i++) seen.push(cellsOf(pixels.subarray(bytes * i, bytes * (i + 1))));
    }
    return isWhole ? { answer: "whole", seen } : { answer: "not fully seen" };
  } catch (error) {
    if (error instanceof ProblemError && PROBLEMS[error.code].status < 500)
      return { answer: "refused", code: error.code };
    return { answer: "broken", error };
  }
}
