// The hash of the coded pictures: a file remuxed, re-tagged or given other sound keeps it; an encode does not.

import { ProblemError } from "@twinframe/shared/problem";
import { guardArguments } from "./input-guard.ts";
import type { MediaLimits } from "./limits.ts";
import { readingArguments } from "./list-packets.ts";
import { throwIfStopped } from "./outcome.ts";
import type { ProbedVideo } from "./probe.ts";
import { runTool, textCollector } from "./run-tool.ts";
import { INPUT_URL } from "./sandbox/index.ts";

/**
 * Bitstream filters that leave only what every container keeps alike. Parameter sets, delimiters and SEI are
 * added, dropped or moved by muxers; the coded slices are not.
 */
const CANONICAL_FORMS: Record<string, string> = {
  h264: "h264_mp4toannexb,filter_units=pass_types=1-5",
  hevc: "hevc_mp4toannexb,filter_units=pass_types=0-31",
  av1: "filter_units=remove_types=2|15",
};

const SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * SHA-256, as 64 hex digits, of the coded video of the stream that was probed. Nothing is decoded.
 * Problems: `unreadable_video`, `media_limit_exceeded`.
 */
export async function hashVideoPackets(
  file: string,
  probed: Pick<ProbedVideo, "codec" | "videoStreamIndex">,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<string> {
  const sha256 = await tryHash(
    file,
    { specifier: String(probed.videoStreamIndex), codec: probed.codec },
    limits,
    signal,
  );
  if (sha256 === null)
    throw new ProblemError("unreadable_video", "No picture could be read from the video. Encode it again.");
  return sha256;
}

/**
 * The same for a file not probed yet, taking its codec for `codec`; null when that turns out wrong, or for
 * anything else that is the file's fault.
 */
export function guessVideoPacketsHash(
  file: string,
  codec: string,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<string | null> {
  return tryHash(file, { specifier: "V:0", codec }, limits, signal);
}

async function tryHash(
  file: string,
  { specifier, codec }: { specifier: string; codec: string },
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<string | null> {
  const output = textCollector(4096);
  const canonicalForm = CANONICAL_FORMS[codec];
  const outcome = await runTool(
    {
      tool: "ffmpeg",
      file,
      arguments: [
        ...["-nostdin", "-v", "error"],
        ...guardArguments(limits),
        ...readingArguments(false),
        // Also what comes before the first keyframe: it may be shown.
        ...["-i", INPUT_URL, "-map", `0:${specifier}`, "-c", "copy", "-copyinkf"],
        ...(canonicalForm === undefined ? [] : ["-bsf:v", canonicalForm]),
        ...["-f", "streamhash", "-hash", "sha256", "pipe:1"],
      ],
      wallMs: limits.decodeWallMs,
      onOutput: output.onOutput,
    },
    limits,
    signal,
  );
  throwIfStopped(outcome, limits, signal);
  const sha256 = /SHA256=([0-9a-f]{64})\s*$/.exec(output.text())?.[1];
  // Every video of which no slice passed the filters would have the same hash, and count as a copy.
  if (outcome.exitCode !== 0 || sha256 === undefined || sha256 === SHA256_OF_NOTHING) return null;
  return sha256;
}
