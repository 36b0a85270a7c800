// Bars around a picture: letterbox, pillarbox, a margin of one colour. What stands still and is flat from edge
// to edge is no part of the picture, and cut off it no longer pulls every descriptor of the video one way.

import type { FramesSoFar } from "./sample.ts";

const CHANNELS = 3;
/** Frames that are measured, spread over the video. */
const LOOKS = 12;
/** Grey levels: standard deviation within a line of a bar, and change of its mean over the video. */
const FLAT = 4;
const STEADY = 7;
/** Grey levels: how much the first line inside differs more within itself, so that a bar has an end. */
const CONTRAST = 10;
/** Shares of a side: thinner bars are left, and so much of the picture must stay. */
const LEAST_BAR = 0.02;
const LEAST_PICTURE = 0.25;

/** Part of a frame, in shares of its sides from the top left, 0 to 1. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export const WHOLE_BOX: Box = { left: 0, top: 0, right: 1, bottom: 1 };

/** Flatness of every line (row or column) in the measured frames. */
interface Lines {
  /** The greatest standard deviation of grey within the line, over the frames. */
  deviation: Float64Array;
  /** The greatest change of the line's mean. */
  drift: Float64Array;
}

function linesOf(grey: Float32Array[], width: number, height: number, alongRows: boolean): Lines {
  const count = alongRows ? height : width;
  const length = alongRows ? width : height;
  const step = alongRows ? 1 : width;
  const deviation = new Float64Array(count);
  const drift = new Float64Array(count);
  for (let line = 0; line < count; line++) {
    let lowest = Number.POSITIVE_INFINITY;
    let highest = Number.NEGATIVE_INFINITY;
    for (const frame of grey) {
      let sum = 0;
      let squares = 0;
      for (let i = 0, at = alongRows ? line * width : line; i < length; i++, at += step) {
        const value = frame[at] as number;
        sum += value;
        squares += value * value;
      }
      const mean = sum / length;
      lowest = Math.min(lowest, mean);
      highest = Math.max(highest, mean);
      const spread = Math.sqrt(Math.max(0, squares / length - mean * mean));
      deviation[line] = Math.max(deviation[line] as number, spread);
    }
    drift[line] = highest - lowest;
  }
  return { deviation, drift };
}

/** How many lines from one end on are a bar; 0 when it has no clear end. */
function barOf({ deviation, drift }: Lines, fromEnd: boolean): number {
  const count = deviation.length;
  const at = (i: number) => (fromEnd ? count - 1 - i : i);
  let lines = 0;
  while (lines < count && (deviation[at(lines)] as number) < FLAT && (drift[at(lines)] as number) < STEADY)
    lines++;
  if (lines < LEAST_BAR * count || lines === count) return 0;
  // One line may be half bar, half picture; the next one is picture, and shows it.
  const beyond = Math.max(...[lines, lines + 1, lines + 2].map((i) => deviation[at(i)] ?? 0));
  return beyond >= CONTRAST ? lines + 1 : 0;
}

function greyOf(pixels: Uint8Array): Float32Array {
  const grey = new Float32Array(pixels.length / CHANNELS);
  for (let i = 0, at = 0; i < grey.length; i++, at += CHANNELS)
    grey[i] =
      0.299 * (pixels[at] as number) +
      0.587 * (pixels[at + 1] as number) +
      0.114 * (pixels[at + 2] as number);
  return grey;
}

/** The picture within its bars; the whole frame when there are none. `kept`: the numbers of frames not blank. */
export function pictureBox(sampled: Pick<FramesSoFar, "pixels" | "width" | "height">, kept: number[]): Box {
  if (kept.length === 0) return WHOLE_BOX;
  const { width, height, pixels } = sampled;
  const frameBytes = width * height * CHANNELS;
  const stride = Math.max(1, kept.length / LOOKS);
  const looked = Array.from(
    { length: Math.min(LOOKS, kept.length) },
    (_, i) => kept[Math.floor(i * stride)] as number,
  );
  const grey = looked.map((index) => greyOf(pixels.subarray(index * frameBytes, (index + 1) * frameBytes)));
  const rows = linesOf(grey, width, height, true);
  const top = barOf(rows, false) / height;
  const bottom = 1 - barOf(rows, true) / height;
  const columns = linesOf(grey, width, height, false);
  const left = barOf(columns, false) / width;
  const right = 1 - barOf(columns, true) / width;
  if (bottom - top < LEAST_PICTURE || right - left < LEAST_PICTURE) return WHOLE_BOX;
  return { left, top, right, bottom };
}
