// Which seconds of a video were really seen: the times of its packets against those of the pictures that came out of
// the decoder. A picture is shown until the next one; one that did not come leaves a gap.

import { type Coverage, LONGEST_GAP_S, MOST_GAPS_TOLD } from "@twinframe/shared/contract";
import type { DecodedPictures } from "./decoder-log.ts";
import { HIDDEN_TOLERATED_S } from "./edit-list.ts";
import type { Stretch } from "./flicker.ts";
import type { ProbedVideo } from "./probe.ts";

type Video = Pick<
  ProbedVideo,
  | "hiddenS"
  | "swallowedShare"
  | "container"
  | "timeline"
  | "frameRate"
  | "clockStartS"
  | "isDamaged"
  | "statedDurationS"
  | "shareBehind"
>;

/** Times of one picture, written in two ways, differ by less, seconds. */
const SAME_TIME_S = 0.002;
/** Pictures a second beyond which a viewer sees none of them. */
const MOST_PICTURES_A_SECOND = 300;
/**
 * MPEG's systems have a time at least every .7 s (ISO/IEC 13818-1, 2.7.4), so that more without a picture is a loss.
 * So it is where bytes of the file had to be passed over. Elsewhere a picture may stand for as long as it likes.
 */
const STEADY_FORMATS = /^(mpegts|mpeg)$/;
const STEADY_S = 1;
/** A format whose demuxer goes on behind a loss as if there were none, with the times that follow. */
const TELLS_NO_LOSS = /^avi$/;
const TOLERATED_SHARE = 0.02;

/** In a container with few times, ffmpeg's guess of the last one may be that of the one before. */
const DROPPED_ANYWAY = 1;

export interface Sampling {
  /** Seconds that a sampled frame stands for. */
  intervalS: number;
  /** Up to which second there are sampled frames, from the first decoded picture. */
  sampledS: number;
}

export function coverageOf(video: Video, pictures: DecodedPictures, sampling: Sampling): Coverage {
  const { startS, isRepeat, durationS: heardS } = video.timeline;
  const sound = soundTimes(video, pictures, sampling);
  const hiddenS = video.hiddenS > HIDDEN_TOLERATED_S ? video.hiddenS : 0;
  const durationS =
    heardS + hiddenS + lostAtTheEnd(video) + sound.dropped / Math.max(video.frameRate, 1 / heardS);
  if (startS.length / heardS > MOST_PICTURES_A_SECOND)
    return told(durationS, [{ startS: 0, endS: durationS }], 0);
  const isSteady = STEADY_FORMATS.test(video.container) || video.isDamaged;
  const closeS = Math.min(sampling.intervalS, STEADY_S);
  const { timesS } = sound;
  const gaps: Stretch[] = [];
  const miss = (from: number, to: number) => {
    const last = gaps.at(-1);
    if (to <= from) return;
    if (last && from - last.endS < SAME_TIME_S) last.endS = to;
    else gaps.push({ startS: from, endS: to });
  };
  let at = 0;
  let wasSeen = false;
  startS.forEach((from, i) => {
    const to = startS[i + 1] ?? heardS;
    while (at < timesS.length && (timesS[at] as number) < from - SAME_TIME_S) at++;
    const [before, next] = [timesS[at - 1] ?? 0, timesS[at] ?? heardS];
    const came = at < timesS.length && next <= from + SAME_TIME_S;
    // Left out between pictures no further apart than frames are sampled: no closer look is taken anywhere.
    const isPassedOver = next - before <= closeS;
    wasSeen = came || isPassedOver || (isRepeat[i] === 1 && wasSeen);
    if (!wasSeen) miss(from, to);
    else if (isSteady) miss(from + STEADY_S, to);
  });
  miss(heardS, durationS);
  return told(durationS, gaps, video.timeline.firstKeyS);
}

/**
 * Times of the pictures that sampling could use, from the timeline's first one. It drops what comes out of order:
 * players show that, too, for as long as any other picture.
 */
function soundTimes(
  { timeline, clockStartS }: Video,
  { timeS, isSound }: DecodedPictures,
  { sampledS, intervalS }: Sampling,
): { timesS: number[]; dropped: number } {
  // ffmpeg's clock begins with the file, ours with the first picture.
  const originS = timeline.originS - clockStartS;
  const untilS = (timeS[0] ?? 0) + sampledS + intervalS;
  const timesS: number[] = [];
  let dropped = 0;
  let reachedS = Number.NEGATIVE_INFINITY;
  timeS.forEach((time, i) => {
    if (time <= reachedS) dropped += 1;
    else if (time <= untilS) {
      reachedS = time;
      if (isSound[i]) timesS.push(time - originS);
    }
  });
  return { timesS, dropped: Math.max(0, dropped - DROPPED_ANYWAY) };
}

/** Seconds behind the last packet that the file must have had. */
function lostAtTheEnd(video: Video): number {
  const { container, timeline, isDamaged, statedDurationS } = video;
  const { durationS } = timeline;
  if (!isDamaged && !TELLS_NO_LOSS.test(container)) return 0;
  const stated = (statedDurationS ?? 0) * (1 - TOLERATED_SHARE) > durationS ? (statedDurationS as number) : 0;
  const behind = Math.max(video.shareBehind ?? 0, video.swallowedShare);
  const share = isDamaged && behind > TOLERATED_SHARE ? behind : 0;
  return Math.max(0, stated - durationS, durationS * (share / Math.max(1 - share, TOLERATED_SHARE)));
}

function told(durationS: number, gaps: readonly Stretch[], firstKeyS: number): Coverage {
  // Pictures before the first one that decoding can begin with are never shown.
  const [first] = gaps;
  const isLead = first?.startS === 0 && first.endS <= firstKeyS + SAME_TIME_S;
  const leadS = isLead && first.endS <= LONGEST_GAP_S && first.endS < durationS ? first.endS : 0;
  const left = leadS > 0 ? gaps.slice(1) : gaps;
  const missedS = left.reduce((sum, { startS, endS }) => sum + endS - startS, 0);
  const rounded = (value: number) => Number(value.toFixed(3));
  return {
    duration_s: Math.max(0.001, rounded(durationS - leadS)),
    seen_s: Math.max(0, rounded(durationS - leadS - missedS)),
    gaps: left
      .map(({ startS, endS }) => ({ start_s: rounded(startS - leadS), end_s: rounded(endS - leadS) }))
      .sort((a, b) => b.end_s - b.start_s - (a.end_s - a.start_s))
      .slice(0, MOST_GAPS_TOLD),
  };
}

/** The same, without what lies in these stretches, in order. Of gaps that are not told it is not known where they are. */
export function withoutStretches(coverage: Coverage, stretches: readonly Stretch[]): Coverage {
  if (stretches.length === 0 || coverage.seen_s === null) return coverage;
  const overlap = (startS: number, endS: number) =>
    coverage.gaps.reduce(
      (sum, gap) => sum + Math.max(0, Math.min(endS, gap.end_s) - Math.max(startS, gap.start_s)),
      0,
    );
  const lostS = stretches.reduce((sum, { startS, endS }) => sum + endS - startS - overlap(startS, endS), 0);
  const gaps = [
    ...coverage.gaps,
    ...stretches.map(({ startS, endS }) => ({
      start_s: Number(startS.toFixed(3)),
      end_s: Number(Math.min(endS, coverage.duration_s).toFixed(3)),
    })),
  ];
  return {
    ...coverage,
    seen_s: Number(Math.max(0, coverage.seen_s - lostS).toFixed(3)),
    gaps: gaps.sort((a, b) => b.end_s - b.start_s - (a.end_s - a.start_s)).slice(0, MOST_GAPS_TOLD),
  };
}
