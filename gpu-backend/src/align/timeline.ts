// A track laid out again on the even grid it was sampled on: folded stills take as many places as they lasted,
// blank stretches are places without a frame.

import type { FrameTrack } from "../index/frame-track.ts";

export interface Timeline {
  /** Places a second. */
  rate: number;
  durationS: number;
  /** int32 [places]: the track's frame shown at (place + ½) / rate seconds, or −1. */
  frameAt: Int32Array;
}

/** `stride` > 1 keeps every stride-th place only, for videos too long to be compared at full rate. */
export function timelineOf(track: FrameTrack, stride = 1): Timeline {
  const rate = track.rate / stride;
  const places = Math.max(1, Math.ceil(track.durationS * rate - 0.5));
  const frameAt = new Int32Array(places).fill(-1);
  let frame = 0;
  for (let place = 0; place < places; place++) {
    const time = (place + 0.5) / rate;
    while (frame < track.endS.length && (track.endS[frame] as number) <= time) frame++;
    if (frame < track.endS.length && (track.startS[frame] as number) <= time) frameAt[place] = frame;
  }
  return { rate, durationS: track.durationS, frameAt };
}
