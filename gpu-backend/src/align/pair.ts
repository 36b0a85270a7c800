// What the alignment of one query with one reference works on.

import type { Calibration } from "../descriptor/manifest.ts";
import type { FrameTrack } from "../index/frame-track.ts";
import { similarityMatrix } from "./similarity-matrix.ts";
import { type Timeline, timelineOf } from "./timeline.ts";

/** Cells of a similarity matrix; more (two videos of over 16 minutes at 2 frames a second) is thinned out. */
const MAX_CELLS = 4_000_000;

/** Of the model that made both tracks. */
export interface ComparedModel {
  dims: number;
  calibration: Calibration;
}

export interface Pair extends ComparedModel {
  query: FrameTrack;
  reference: FrameTrack;
  queryTimeline: Timeline;
  referenceTimeline: Timeline;
  /** float32 [query frames, reference frames], of the frames that the timelines still name. */
  similarities: Float32Array;
  referenceFrames: number;
}

function thinned(track: FrameTrack, dims: number, stride: number): FrameTrack {
  const timeline = timelineOf(track, stride);
  const frames = [...new Set(timeline.frameAt)].filter((frame) => frame >= 0);
  const vectors = new Float32Array(frames.length * dims);
  frames.forEach((frame, i) => {
    vectors.set(track.vectors.subarray(frame * dims, (frame + 1) * dims), i * dims);
  });
  const pick = (times: Float32Array) => Float32Array.from(frames, (frame) => times[frame] as number);
  const startS = pick(track.startS);
  // A kept frame stands for the dropped ones after it too.
  const endS = pick(track.endS).map((end, i) =>
    Math.max(end, Math.min(end + (stride - 1) / track.rate, startS[i + 1] ?? end)),
  );
  return { ...track, vectors, startS, endS, rate: track.rate / stride };
}

export function pairOf(query: FrameTrack, reference: FrameTrack, { dims, calibration }: ComparedModel): Pair {
  const cells = query.startS.length * reference.startS.length;
  const stride = Math.ceil(Math.sqrt(cells / MAX_CELLS));
  const q = stride > 1 ? thinned(query, dims, stride) : query;
  const r = stride > 1 ? thinned(reference, dims, stride) : reference;
  return {
    query: q,
    reference: r,
    dims,
    calibration,
    queryTimeline: timelineOf(q),
    referenceTimeline: timelineOf(r),
    similarities: similarityMatrix(q.vectors, r.vectors, dims),
    referenceFrames: r.startS.length,
  };
}
