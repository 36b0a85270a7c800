// The alignment's thread: a long pair takes hundreds of milliseconds, which the event loop must not wait for.

import { workerData } from "node:worker_threads";
import type { Calibration } from "../descriptor/manifest.ts";
import type { FrameTrack } from "../index/vector-index.ts";
import { serveOperations } from "../worker-operations.ts";
import { align, type Look } from "./align.ts";
import { type DrawnSegment, pairPicture } from "./picture/pair-picture.ts";

export interface AlignWorkerData {
  dims: number;
  calibration: Calibration;
}

const { dims, calibration } = workerData as AlignWorkerData;

export interface PictureInput {
  query: FrameTrack;
  reference: FrameTrack;
  segments: DrawnSegment[];
  maxSide: number;
}

serveOperations({
  align: ({ query, references, look }: { query: FrameTrack; references: FrameTrack[]; look: Look }) => ({
    output: references.map((reference) => align(query, reference, dims, calibration, look)),
  }),
  picture: ({ query, reference, segments, maxSide }: PictureInput) => ({
    output: pairPicture(query, reference, { dims, calibration }, segments, { maxSide }),
  }),
});
