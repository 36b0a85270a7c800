// Videos that no verdict can be given on: whose end was never sent, or that show nothing. What is missing within a
// video is its coverage's matter.

import { ProblemError } from "@twinframe/shared/problem";
import { missingShare } from "./file-ending.ts";
import type { ProbedVideo } from "./probe.ts";

/** The share of the duration, and of a file's bytes, that may be missing at the end without a complaint. */
const TOLERATED_SHARE = 0.02;

/** ffmpeg's words for a file whose index points, or whose parts reach, past its end. */
const CUT = /partial file|ended prematurely/;

/**
 * Throws `truncated_video` when the structure of the file shows that its end is missing, `unreadable_video` when no
 * frame came at all. `stderr` holds ffmpeg's messages of level error.
 */
export async function refuseUnusable(
  file: string,
  { durationS, statedDurationS }: Pick<ProbedVideo, "durationS" | "statedDurationS">,
  count: number,
  stderr: string,
): Promise<void> {
  const missing = await missingShare(file);
  const endsEarly = count === 0 || (statedDurationS ?? 0) * (1 - TOLERATED_SHARE) > durationS;
  if (missing > TOLERATED_SHARE || (endsEarly && (missing > 0 || CUT.test(stderr))))
    throw new ProblemError(
      "truncated_video",
      `The end of the video is missing: only its first ${durationS.toFixed(1)} seconds came. Send the whole file.`,
    );
  if (count === 0)
    throw new ProblemError("unreadable_video", "No picture of the video could be decoded. Encode it again.");
}
