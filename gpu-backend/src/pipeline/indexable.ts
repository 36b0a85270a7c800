// What a video must be like to become a reference: seen whole, and one stream of pictures, since an entry is one track
// of descriptors with times of its own. Half a video in the index would let the other half pass.

import { type Coverage, isFullySeen, notFullySeenSentence } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { ProbedVideo } from "../media/index.ts";
import { streamsOf } from "./findings.ts";

export function refuseSeveralStreams({
  probed,
  others,
}: {
  probed: ProbedVideo;
  others: ProbedVideo[];
}): void {
  const streams = streamsOf([probed, ...others]);
  if (streams > 1)
    throw new ProblemError(
      "too_many_video_streams",
      `A reference has one stream of pictures, and the file has ${streams}. Add each as a reference of its own, in a file of its own.`,
    );
}

export function refuseNotFullySeen(coverage: Coverage): void {
  if (!isFullySeen(coverage))
    throw new ProblemError("not_fully_seen", `${notFullySeenSentence(coverage)} Encode the video again.`);
}
