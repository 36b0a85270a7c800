// The codecs of a file that ffprobe gave up on: it does so when a stream's decoder is none of those that may run.

import { guardArguments } from "./input-guard.ts";
import type { MediaLimits } from "./limits.ts";
import { readingArguments } from "./list-packets.ts";
import { throwIfStopped } from "./outcome.ts";
import { runTool } from "./run-tool.ts";
import { INPUT_URL } from "./sandbox/index.ts";

/** ffmpeg's line about a stream; text from the file stands further to the right. */
const STREAM = /^\[info\] {2,3}Stream #0:\d[^:]*(?:\([^)]*\))?: Video: ([a-z0-9_]+)/gm;

/** ffmpeg's names of its video streams' codecs; none of a file that it cannot read either. Opens no decoder. */
export async function codecNames(file: string, limits: MediaLimits, signal?: AbortSignal): Promise<string[]> {
  const outcome = await runTool(
    {
      tool: "ffmpeg",
      file,
      arguments: [
        ...["-nostdin", "-hide_banner", "-v", "repeat+level+info"],
        ...guardArguments(limits),
        ...readingArguments(false),
        ...["-i", INPUT_URL],
      ],
      wallMs: limits.probeWallMs,
      onOutput: () => true,
    },
    limits,
    signal,
  );
  throwIfStopped(outcome, limits, signal);
  return [...outcome.stderr.matchAll(STREAM)].map(([, name]) => name as string);
}
