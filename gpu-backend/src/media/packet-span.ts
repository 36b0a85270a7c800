// Counts a video's length from its packets, for containers that do not state one. Reads the whole file.

import { guardArguments } from "./input-guard.ts";
import type { MediaLimits } from "./limits.ts";
import { type ProcessOutcome, throwIfStopped } from "./outcome.ts";
import { runTool } from "./run-tool.ts";
import { INPUT_URL } from "./sandbox/index.ts";

export interface PacketSpan {
  packets: number;
  /** Seconds from the first picture's start to the last one's end. */
  durationS: number;
}

/** Problems: `media_limit_exceeded`. A file without packets gives zeros. */
export async function measurePacketSpan(
  file: string,
  streamIndex: number,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<PacketSpan> {
  let rest = "";
  let packets = 0;
  let firstS = Number.POSITIVE_INFINITY;
  let lastS = Number.NEGATIVE_INFINITY;
  let endS = Number.NEGATIVE_INFINITY;
  const readLine = (line: string) => {
    const [pts, duration] = line.split(",").map(Number.parseFloat) as [number, number?];
    packets += 1;
    if (!Number.isFinite(pts)) return;
    firstS = Math.min(firstS, pts);
    lastS = Math.max(lastS, pts);
    endS = Math.max(endS, pts + (Number.isFinite(duration) ? (duration as number) : 0));
  };
  const outcome: ProcessOutcome = await runTool(
    {
      tool: "ffprobe",
      file,
      arguments: [
        ...["-v", "error"],
        ...guardArguments(limits),
        ...["-select_streams", String(streamIndex), "-show_entries", "packet=pts_time,duration_time"],
        ...["-of", "csv=p=0", INPUT_URL],
      ],
      wallMs: limits.decodeWallMs,
      onOutput(text) {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line !== "") readLine(line);
        return rest.length < 4096;
      },
    },
    limits,
    signal,
  );
  throwIfStopped(outcome, limits, signal);
  if (packets === 0 || endS < firstS) return { packets, durationS: 0 };
  // The last packet often has no duration of its own: it lasts as long as the others on average.
  const averageS = packets > 1 ? (lastS - firstS) / (packets - 1) : 0;
  return { packets, durationS: Math.max(endS, lastS + averageS) - firstS };
}
