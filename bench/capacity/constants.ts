// Everything that the capacity plan stands on, in one place: what was measured and by which command, what is
// assumed of the traffic, and prices. Change a number, run `npm run bench:capacity -- --write`, read docs/scale.md.

import { readFileSync } from "node:fs";
import type { Figures } from "../index-scale/plot.ts";

/** What `npm run bench:index -- --save` has measured, by index. */
export const FIGURES = JSON.parse(
  readFileSync(new URL("../figures/index-scale.json", import.meta.url), "utf8"),
) as Record<string, Figures[]>;

const largest = FIGURES.embedded?.at(-1);
if (!largest) throw new Error("bench/figures/index-scale.json has no figures of the embedded index");

/** Measured on two virtual cores with AVX-512 (4th generation Xeon). Milliseconds unless the name says otherwise. */
export const MEASURED = {
  /** `npm run bench:distractors`: descriptors kept a minute of video after folding; `npm run evaluate`: bytes of them. */
  framesPerMinute: 125,
  storedBytesPerMinute: 13_500,
  /** `npm run bench`: a 30 s clip at 360p, an ordinary copy and a distractor looked at in every way. */
  clipS: 30,
  copy: { fixed: 159, decode: 673, embed: 35, search: 11, align: 16 },
  distractor: { fixed: 171, decode: 609, embed: 1_134, search: 68, align: 25 },
  /** `npm run bench`: the descriptor, a frame on one core. */
  descriptorPerFrame: 1.97,
  /** `npm run bench:index`: 60 frames against a million, nearest 128 of each; memory of its blocks. */
  embedded: {
    bytesPerFrame: Math.round(largest.bytes / largest.frames),
    searchPerMillion: Math.round((1e6 * largest.p50Ms) / largest.frames),
  },
};

/** Not measured: from the formats and from the server's documentation. `npm run bench:index -- --index qdrant` checks them. */
export const QDRANT = {
  /** A byte a dimension, in memory. */
  codeBytes: 128,
  /** payload_m 32: 64 links of 4 bytes on the lowest level, a thirtieth more above. */
  linkBytes: 264,
  /** Point id both ways, version, offsets, and the payload indexes' share. */
  pointBytes: 70,
  /** float32 originals and payload on disk. */
  originalBytes: 512,
  payloadBytes: 90,
  /** Room that optimising segments needs beside them. */
  diskHeadroom: 1.5,
  /** Part of a node's memory and disk that is planned with. */
  fill: 0.75,
};

export const ASSUMED = {
  /** Of a reference and of a query. */
  meanMinutes: 1,
  /** Checks a day for each reference in the library, and the busiest hour's rate over the mean. */
  checksPerReferenceAndDay: 0.01,
  peakOverMean: 3,
  /** Of all checks: told by their bytes at the edge alone; copies that reach the backend; the rest are distractors. */
  exactShare: 0.2,
  copyShare: 0.1,
  replicas: 2,
  /** How long the check and its row are kept, and what a row takes in D1 with its look-up structures. */
  retentionDays: 90,
  checkRowBytes: 1_500,
  referenceRowBytes: 1_000,
  /** Part of the time that a backend is busy at the peak. */
  utilisation: 0.7,
  secondsPerScene: 4,
  /** A GPU machine's analyses a second against one two-core machine's: decoding moved to it, embedding in batches. */
  gpuSpeedUp: 12,
};

/** Inputs, not facts: list prices as a planner would type them in, US dollars. Put your own in. */
export const PRICES = {
  vcpuHour: 0.04,
  memoryGbHour: 0.005,
  diskGbMonth: 0.1,
  gpuMachineHour: 0.9,
  workerPerMillionRequests: 0.3,
  objectWritePerMillion: 4.5,
  objectReadPerMillion: 0.36,
  queueOperationPerMillion: 0.4,
  databaseRowWrittenPerMillion: 1,
  databaseGbMonth: 0.75,
  hoursPerMonth: 730,
};

/** What the edge does for a check beyond the exact-bytes path. */
export const EDGE_OPERATIONS = {
  requests: 2,
  objectWrites: 1,
  objectReads: 2,
  queueOperations: 3,
  rowsWritten: 8,
};

export const NODE = { vcpus: 16, memoryGb: 128, diskGb: 3_750 };
export const BACKEND = { vcpus: 2, memoryGb: 8 };
export const D1_DATABASE_BYTES = 10e9;
export const SCALES = [10e6, 100e6, 1e9];
