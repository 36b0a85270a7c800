// The times of a track's frames in a few bytes: they lie on the even grid that the video was sampled on, and frames in a
// row with the same gap and length are written once, with their number.

import type { FrameTrack } from "../frame-track.ts";
import { type ByteReader, type ByteWriter, GREATEST_COUNT, PackedTrackError } from "./bytes.ts";

type Times = Pick<FrameTrack, "startS" | "endS">;

/** Frames in a row, each starting `gap` places after the end of the one before and lasting `span` places. */
interface Run {
  frames: number;
  gap: number;
  span: number;
}

/** Part of a place, and seconds: what a time may differ from its place on the grid. */
const GRID_TOLERANCE = 0.01;
const TIME_TOLERANCE_S = 0.0005;
/** Of a time: the rounding of float32, which is coarser than TIME_TOLERANCE_S after an hour. */
const FLOAT32_ROUNDING = 2 ** -23;

function placeOf(timeS: number, rate: number): number | null {
  const place = Math.round(timeS * rate);
  const tolerance = Math.min(GRID_TOLERANCE / rate, TIME_TOLERANCE_S + timeS * FLOAT32_ROUNDING);
  const isOnGrid = place >= 0 && place <= GREATEST_COUNT && Math.abs(place / rate - timeS) <= tolerance;
  return isOnGrid ? place : null;
}

/** Null when a time is off the grid, or frames overlap. */
export function runsOf({ startS, endS }: Times, rate: number): Run[] | null {
  const runs: Run[] = [];
  let previousEnd = 0;
  for (let frame = 0; frame < startS.length; frame++) {
    const start = placeOf(startS[frame] as number, rate);
    const end = placeOf(endS[frame] as number, rate);
    if (start === null || end === null || start < previousEnd || end < start) return null;
    const gap = start - previousEnd;
    const span = end - start;
    const last = runs.at(-1);
    if (last && last.gap === gap && last.span === span) last.frames++;
    else runs.push({ frames: 1, gap, span });
    previousEnd = end;
  }
  return runs;
}

export function writeRuns(runs: Run[], writer: ByteWriter): void {
  for (const { frames, gap, span } of runs) writer.count(frames).count(gap).count(span);
}

export function readRuns(reader: ByteReader, frames: number, rate: number): Times {
  const startS = new Float32Array(frames);
  const endS = new Float32Array(frames);
  let place = 0;
  for (let frame = 0; frame < frames; ) {
    const run = { frames: reader.count(), gap: reader.count(), span: reader.count() };
    if (run.frames === 0 || run.frames > frames - frame)
      throw new PackedTrackError("the stored track is damaged: its times are not those of its frames");
    for (const end = frame + run.frames; frame < end; frame++) {
      place += run.gap;
      startS[frame] = place / rate;
      place += run.span;
      endS[frame] = place / rate;
    }
  }
  return { startS, endS };
}
