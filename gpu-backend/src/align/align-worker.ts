// The alignment's thread: a long pair takes hundreds of milliseconds, which the event loop must not wait for.

import { workerData } from "node:worker_threads";
import type { FrameTrack } from "../index/frame-track.ts";
import { serveOperations } from "../worker-operations.ts";
import { align, type QueryView } from "./align.ts";
import type { ComparedModel } from "./pair.ts";
import { type DrawnSegment, pairPicture } from "./picture/pair-picture.ts";

const model = workerData as ComparedModel;

export interface AlignInput {
  query: FrameTrack;
  references: FrameTrack[];
  view: QueryView;
}

export interface PictureInput {
  query: FrameTrack;
  reference: FrameTrack;
  segments: DrawnSegment[];
  maxSide: number;
}

serveOperations({
  align: ({ query, references, view }: AlignInput) => ({
    output: references.map((reference) => align(query, reference, model, view)),
  }),
  picture: ({ query, reference, segments, maxSide }: PictureInput) => ({
    output: pairPicture({ query, reference, segments }, model, { maxSide }),
  }),
});
