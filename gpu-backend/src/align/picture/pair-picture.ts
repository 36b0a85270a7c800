// The picture of one query with one reference: both axes in even time, so that a copy at a steady speed is a
// straight line.

import type { TimeRange } from "@twinframe/shared/contract";
import type { FrameTrack } from "../../index/frame-track.ts";
import { type ComparedModel, pairOf } from "../pair.ts";
import type { Timeline } from "../timeline.ts";
import {
  type LineColour,
  type MatrixPicture,
  type MatrixPictureOptions,
  matrixPicture,
} from "./matrix-picture.ts";

export interface DrawnSegment {
  query: TimeRange;
  reference: TimeRange;
  colour: LineColour;
  dashed?: boolean;
}

export interface DrawnPair {
  query: FrameTrack;
  reference: FrameTrack;
  segments: readonly DrawnSegment[];
}

/** Null when one of the two has no frames that could be compared. */
export function pairPicture(
  { query, reference, segments }: DrawnPair,
  model: ComparedModel,
  options?: MatrixPictureOptions,
): MatrixPicture | null {
  if (query.startS.length === 0 || reference.startS.length === 0) return null;
  const pair = pairOf(query, reference, model);
  const { queryTimeline, referenceTimeline, similarities, referenceFrames } = pair;
  const matrix = {
    rows: queryTimeline.frameAt.length,
    columns: referenceTimeline.frameAt.length,
    at: (row: number, column: number) => {
      const inQuery = queryTimeline.frameAt[row] as number;
      const inReference = referenceTimeline.frameAt[column] as number;
      if (inQuery < 0 || inReference < 0) return Number.NaN;
      return similarities[inQuery * referenceFrames + inReference] as number;
    },
  };
  const place = (timeS: number, { rate, frameAt }: Timeline) => Math.min(frameAt.length, timeS * rate);
  const lines = segments.map(({ query: inQuery, reference: inReference, ...style }) => ({
    ...style,
    from: {
      row: place(inQuery.start_s, queryTimeline),
      column: place(inReference.start_s, referenceTimeline),
    },
    to: { row: place(inQuery.end_s, queryTimeline), column: place(inReference.end_s, referenceTimeline) },
  }));
  return matrixPicture(matrix, lines, options);
}
