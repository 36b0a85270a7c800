// Videos whose times cannot be those of what they show: all pictures within a moment, hours between two of them, a
// second that takes a minute. Players differ in what they make of such files, and whoever keeps a copy in one can play
// it otherwise; so its pictures are looked at in their order, too, as if they followed each other at an even rate.

import type { Timeline } from "./packet-times.ts";
import type { ProbedVideo } from "./probed-video.ts";

/** Pictures a second in that order. */
const COUNTED_RATE = 25;
/** A picture that is shown for longer is none of a moving picture, seconds. */
const LONGEST_S = 10;
/** Slower or faster than a copy could be found at, next to an ordinary rate. */
const LEAST_RATE = COUNTED_RATE / 4;
const MOST_RATE = COUNTED_RATE * 4;
/** Pictures that are closer pass unseen, seconds; and the share of them that is tolerated. */
const CLOSEST_S = 1 / 300;
const TOLERATED_SHARE = 0.02;
/** Fewer have no movement. */
const LEAST_PICTURES = COUNTED_RATE;

export function timesAreDoubtful({
  timeline: { startS, longestS },
  frameRate,
}: Pick<ProbedVideo, "timeline" | "frameRate">): boolean {
  if (startS.length < LEAST_PICTURES) return false;
  const close = startS.subarray(1).filter((start, i) => start - (startS[i] as number) < CLOSEST_S).length;
  const isOdd = frameRate < LEAST_RATE || frameRate > MOST_RATE;
  return longestS > LONGEST_S || isOdd || close > startS.length * TOLERATED_SHARE;
}

/** The same stream, its pictures one after the other. */
export function countedShowing(video: ProbedVideo): ProbedVideo {
  const timeline = evenTimeline(video.timeline);
  return {
    ...video,
    ignoresTimes: true,
    timeline,
    durationS: timeline.durationS,
    frameRate: COUNTED_RATE,
    clockStartS: 0,
    statedDurationS: null,
  };
}

function evenTimeline(timeline: Timeline): Timeline {
  const { length } = timeline.startS;
  return {
    ...timeline,
    startS: Float64Array.from({ length }, (_, i) => i / COUNTED_RATE),
    durationS: length / COUNTED_RATE,
    originS: 0,
    longestS: 1 / COUNTED_RATE,
    firstKeyS: 0,
    isRegular: true,
  };
}

/** ffmpeg's filters that show the pictures so. */
export const COUNTED_FILTERS = ["settb=1/1000", `setpts=N*${1000 / COUNTED_RATE}`];
