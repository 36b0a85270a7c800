// Did the whole video come? A video that ends early is refused only when there is a sign of damage as well:
// durations alone also differ for longer sound, gaps, a frozen last picture, edit lists.

import { ProblemError } from "@twinframe/shared/problem";
import { missingShare } from "./file-ending.ts";
import type { ProbedVideo } from "./probe.ts";
import type { SamplingPlan } from "./sampling-plan.ts";

/** What may be missing at the end without a complaint: a share of the duration, and at least some intervals. */
const TOLERATED_SHARE = 0.02;
const TOLERATED_INTERVALS = 1;

/** ffmpeg's words for a file whose index points, or whose parts reach, past its end. */
const CUT = /partial file|ended prematurely/;
/** Its words for packets or pictures that are not what they should be; they may be anywhere in the video. */
const DAMAGE = /corrupt input packet|Error while decoding|Invalid NAL unit|Invalid data found/;

/**
 * Throws `truncated_video` when the end of the video is missing, `unreadable_video` when no frame came at all.
 * `stderr` holds ffmpeg's messages of level error.
 */
export async function refuseIncomplete(
  file: string,
  probed: Pick<ProbedVideo, "container" | "durationS" | "durationIsOfVideo">,
  plan: SamplingPlan,
  count: number,
  stderr: string,
): Promise<void> {
  const shownS = count * plan.intervalS;
  const toleratedS = Math.max(TOLERATED_SHARE * probed.durationS, TOLERATED_INTERVALS * plan.intervalS);
  const endsEarly = count === 0 || probed.durationS - shownS > toleratedS;
  // ffmpeg takes the duration of a cut AVI from what is left of it, so nothing seems to be missing.
  if (!endsEarly && probed.container !== "avi") return;
  const missing = await missingShare(file);
  const hasSign = endsEarly
    ? missing > 0 || CUT.test(stderr) || (count > 0 && probed.durationIsOfVideo && DAMAGE.test(stderr))
    : missing > TOLERATED_SHARE;
  if (hasSign)
    throw new ProblemError(
      "truncated_video",
      `The end of the video is missing: only its first ${shownS.toFixed(1)} seconds can be shown. Send the whole file.`,
    );
  if (count === 0)
    throw new ProblemError("unreadable_video", "No picture of the video could be decoded. Encode it again.");
}
