// How many pictures a decoder left out that no other picture is made from: few between two that came, as encoders have
// it, or so many that something else than what came may be shown there for most of the time.

import type { DecodedPictures } from "./decoder-log.ts";
import type { ProbedVideo } from "./probe.ts";

/** Encoders put one or two between two that are built upon, seldom more. */
const PACKETS_A_PICTURE = 3;
/** At both ends of a stretch. */
const SLACK = 2;
const STRETCH_S = 2;

export interface CountedPictures extends DecodedPictures {
  /** Of each picture, how many were decoded before it. */
  cameBefore: readonly number[];
}

/** Whether there is a stretch of about two seconds in which fewer than one picture in three came. */
export function passesOverMuch(
  { timeline: { startS, originS }, clockStartS }: Pick<ProbedVideo, "timeline" | "clockStartS">,
  { timeS, cameBefore }: CountedPictures,
): boolean {
  let packet = 0;
  const packetsBefore = timeS.map((time) => {
    const atS = time - originS + clockStartS;
    while (packet < startS.length && (startS[packet] as number) < atS - SAME_TIME_S) packet++;
    return packet;
  });
  let from = 0;
  return timeS.some((time, to) => {
    while (from + 1 < to && time - (timeS[from + 1] as number) >= STRETCH_S) from++;
    const decoded = (cameBefore[to] as number) - (cameBefore[from] as number);
    const packets = (packetsBefore[to] as number) - (packetsBefore[from] as number);
    return packets > decoded * PACKETS_A_PICTURE + SLACK;
  });
}

/** Times of one picture, written in two ways, differ by less, seconds. */
const SAME_TIME_S = 0.002;
