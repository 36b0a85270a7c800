// A track's vectors as results report them.

import { type FrameDescriptor, MOST_DESCRIPTOR_VALUES } from "@twinframe/shared/contract";
import type { FrameTrack } from "../index/frame-track.ts";
import { rounded } from "../verdict/match.ts";

const DIGITS = 5;
/** Frames of a video that is described without being indexed. */
const MOST_DESCRIBED = 1000;

const mostFrames = (dims: number) => Math.max(1, Math.floor(MOST_DESCRIPTOR_VALUES / dims));

function frameDescriptor(
  { vectors, startS, endS }: FrameTrack,
  frame: number,
  dims: number,
): FrameDescriptor {
  return {
    start_s: rounded(startS[frame] as number, 3),
    end_s: rounded(endS[frame] as number, 3),
    vector: Array.from(vectors.subarray(frame * dims, (frame + 1) * dims), (value) => rounded(value, DIGITS)),
  };
}

/** From `offset` on, at most `limit` frames, and no more than one answer holds. */
export function descriptorsFrom(
  track: FrameTrack,
  dims: number,
  { offset, limit }: { offset: number; limit: number },
): FrameDescriptor[] {
  const count = Math.min(limit, mostFrames(dims), Math.max(0, track.startS.length - offset));
  return Array.from({ length: count }, (_, i) => frameDescriptor(track, offset + i, dims));
}

/** All frames, or as many as one answer holds, evenly picked. */
export function descriptorsThroughout(track: FrameTrack, dims: number): FrameDescriptor[] {
  const total = track.startS.length;
  const count = Math.min(total, MOST_DESCRIBED, mostFrames(dims));
  return Array.from({ length: count }, (_, i) =>
    frameDescriptor(track, Math.floor((i * total) / count), dims),
  );
}
