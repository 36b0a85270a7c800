// How much of a video sampling has seen, for the tests of coverage.

import { isFullySeen } from "@twinframe/shared/contract";
import { DEFAULT_MEDIA_LIMITS, probeShowings, sampleFrames } from "../src/media/index.ts";

export const limits = DEFAULT_MEDIA_LIMITS;
const options = { width: 32, height: 24, framesPerSecond: 2, minFrames: 8, maySkip: true };
export const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50"];
export const small = { size: "160x120", durationS: 12, encode: X264 };

export interface Seen {
  count: number;
  intervalS: number;
  durationS: number;
  seenS: number | null;
  isWhole: boolean;
  gaps: { start_s: number; end_s: number }[];
  runs: number;
  trueTimeOf(sampledS: number): number;
}

/** Everything that a player could show of a file. */
export async function seeAll(file: string, changedLimits = limits): Promise<[Seen, ...Seen[]]> {
  const all: Seen[] = [];
  for (const probed of await probeShowings(file, changedLimits)) {
    let runs = 1;
    const onRestart = async () => void runs++;
    const { count, intervalS, coverage, trueTimeOf } = await sampleFrames(
      { file, probed },
      options,
      changedLimits,
      {
        onRestart,
      },
    );
    const { duration_s: durationS, seen_s: seenS, gaps } = coverage;
    all.push({ count, intervalS, durationS, seenS, isWhole: isFullySeen(coverage), gaps, runs, trueTimeOf });
  }
  return all as [Seen, ...Seen[]];
}
export const see = async (file: string, changedLimits = limits) => (await seeAll(file, changedLimits))[0];
