// The pictures of one case: the similarity matrix with the segments on it, and frames of both videos.

import { type DrawnSegment, pairPicture } from "@twinframe/gpu-backend/align/picture/pair-picture";
import type { FrameTrack } from "@twinframe/gpu-backend/index/frame-track";
import { probeVideo } from "@twinframe/gpu-backend/media";
import { describe } from "@twinframe/gpu-backend/pipeline/describe";
import { StageClock } from "@twinframe/gpu-backend/work/stage-clock";
import { execa } from "execa";
import { EVALUATION_LIBRARY, type EvaluationLibrary } from "../library.ts";
import type { Case } from "./cases.ts";

export interface Thumbnail {
  atS: number;
  /** Null when ffmpeg gave no frame. */
  jpeg: Uint8Array | null;
}

export interface CasePictures {
  matrix: { png: Uint8Array; width: number; height: number } | null;
  query: Thumbnail[];
  reference: Thumbnail[];
}

/** Where in a segment frames are shown. */
const SHARES = [0.15, 0.5, 0.85];

async function thumbnail(file: string, atS: number): Promise<Thumbnail> {
  const input = [
    "-nostdin",
    "-v",
    "error",
    "-protocol_whitelist",
    "file,pipe",
    "-ss",
    atS.toFixed(2),
    "-i",
    file,
  ];
  const output = [
    "-frames:v",
    "1",
    "-vf",
    "scale=160:-2",
    "-f",
    "image2pipe",
    "-c:v",
    "mjpeg",
    "-q:v",
    "6",
    "-",
  ];
  try {
    const { stdout } = await execa("ffmpeg", [...input, ...output], { encoding: "buffer" });
    return { atS, jpeg: stdout.length > 0 ? stdout : null };
  } catch {
    return { atS, jpeg: null };
  }
}

async function trackOf(file: string, { stages }: EvaluationLibrary): Promise<FrameTrack | null> {
  try {
    const probed = await probeVideo(file, stages.limits);
    return (await describe({ file, probed }, stages, { clock: new StageClock() })).track;
  } catch {
    return null;
  }
}

/** Frames of the truth's segment, else of the best found one, else of both videos alike. */
function shownTimes({ truth, found }: Case, queryS: number, referenceS: number) {
  const best = found.toSorted((a, b) => b.score - a.score)[0];
  const whole = { query: { start_s: 0, end_s: queryS }, reference: { start_s: 0, end_s: referenceS } };
  const shown = truth[0] ?? best ?? whole;
  const times = (side: "query" | "reference") =>
    SHARES.map((share) => shown[side].start_s + share * (shown[side].end_s - shown[side].start_s));
  return { query: times("query"), reference: times("reference") };
}

export async function casePictures(
  one: Case,
  files: { query: string; reference: string },
  library: EvaluationLibrary,
): Promise<CasePictures> {
  const query = await trackOf(files.query, library);
  const tracks = await library.stages.index.descriptorsOf(EVALUATION_LIBRARY, [one.referenceId]);
  const reference = tracks.get(one.referenceId);
  const segments: DrawnSegment[] = [
    ...one.found.map((segment) => ({ ...segment, colour: "red" as const })),
    ...one.truth.map((segment) => ({ ...segment, colour: "white" as const, dashed: true })),
  ];
  const { calibration, output } = library.stages.embedder.manifest;
  const model = { dims: output.dims, calibration };
  const times = shownTimes(one, query?.durationS ?? 0, reference?.durationS ?? 0);
  const thumbnails = (file: string, all: number[]) => Promise.all(all.map((atS) => thumbnail(file, atS)));
  return {
    matrix: query && reference ? pairPicture({ query, reference, segments }, model) : null,
    query: await thumbnails(files.query, times.query),
    reference: await thumbnails(files.reference, times.reference),
  };
}
