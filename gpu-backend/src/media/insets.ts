// Pictures within the picture: rectangles whose straight edges stay where they are while what they show
// moves. Picture in picture, side by side, stacked: split there, each part can be compared alone.

import type { Box } from "./borders.ts";
import { type Picture, Thumbnails } from "./thumbnail.ts";

const CHANNELS = 3;
/** Edges are detected in frames of at most this many pixels a side. */
const SIDE = 112;
/** Each of them the mean of as many: else the shrinking itself leaves a grid. */
const evenly = (from: number) => Math.floor(from / Math.ceil(from / SIDE));
const LOOKS = 10;
/**
 * Levels by which an edge stands out of its surroundings, on average over the frames. A frame counts up to a
 * limit, so that one in which something with a hard edge passes by does not make an edge.
 */
const EDGE = 4;
const MOST_OF_A_FRAME = 30;
/** Share of a side's length that shows an edge. */
const SHOWN = 0.72;
/** Sides of a part, in shares of the frame's, and its area. */
const LEAST_SIDE = 0.14;
const GREATEST_SIDE = 0.85;
const LEAST_AREA = 0.045;
const MOST = 4;
/** Lines of one direction that are tried as sides, the clearest: footage full of lines must not take long. */
const MOST_LINES = 24;

export type Frames = Picture;

/** How the lines of one direction lie in a frame's pixels. */
interface Grid {
  lines: number;
  /** Places of a line. */
  length: number;
  /** Pixels to the next line, and to the next place on a line. */
  across: number;
  along: number;
}

/** Where edges stand on the lines of one direction, between the frame's borders at 0 and `lines`. */
class Edges {
  readonly lines: number;
  readonly #length: number;
  /** The running count along each line of places where an edge stands, [lines, length + 1]. */
  readonly #counts: Uint16Array;

  constructor(frames: Uint8Array[], { lines, length, across, along }: Grid) {
    this.lines = lines;
    this.#length = length;
    this.#counts = new Uint16Array(lines * (length + 1));
    const mean = meanDifferences(frames, across);
    for (let line = 1; line < lines; line++)
      for (let place = 0; place < length; place++) {
        const at = line * across + place * along;
        // Not the next lines: an edge that falls between two pixels shows on both sides of one.
        const before = line > 2 ? (mean[at - 2 * across] as number) : null;
        const after = line + 2 < lines ? (mean[at + 2 * across] as number) : null;
        const around = ((before ?? after ?? 0) + (after ?? before ?? 0)) / 2;
        const to = line * (length + 1) + place;
        this.#counts[to + 1] = (this.#counts[to] as number) + ((mean[at] as number) - around >= EDGE ? 1 : 0);
      }
  }

  /** Share of a line that shows an edge; the frame's own border neither shows nor lacks one. */
  shown(line: number, from: number, to: number): number {
    if (line === 0 || line === this.lines) return 1;
    const at = line * (this.#length + 1);
    return ((this.#counts[at + to] as number) - (this.#counts[at + from] as number)) / (to - from);
  }

  /** The frame's borders and the clearest lines that show an edge somewhere for a length of `least`. */
  sides(least: number): number[] {
    const clear: { line: number; share: number }[] = [];
    for (let line = 1; line < this.lines; line++) {
      let share = 0;
      for (let from = 0; from + least <= this.#length; from++)
        share = Math.max(share, this.shown(line, from, from + least));
      if (share >= SHOWN) clear.push({ line, share });
    }
    clear.sort((a, b) => b.share - a.share);
    const lines = clear.slice(0, MOST_LINES).map(({ line }) => line);
    return [0, ...lines.sort((a, b) => a - b), this.lines];
  }
}

/** For each place, how much it and the one `step` before differ on average, in what channel differs most. */
function meanDifferences(frames: Uint8Array[], step: number): Float32Array {
  const mean = new Float32Array((frames[0] as Uint8Array).length / CHANNELS);
  const back = step * CHANNELS;
  for (const frame of frames)
    for (let place = step, at = back; place < mean.length; place++, at += CHANNELS) {
      const red = Math.abs((frame[at] as number) - (frame[at - back] as number));
      const green = Math.abs((frame[at + 1] as number) - (frame[at + 1 - back] as number));
      const blue = Math.abs((frame[at + 2] as number) - (frame[at + 2 - back] as number));
      mean[place] =
        (mean[place] as number) + Math.min(MOST_OF_A_FRAME, Math.max(red, green, blue)) / frames.length;
    }
  return mean;
}

/** Columns and rows of edges. */
function edgesOf(frames: Frames): { columns: Edges; rows: Edges } {
  const frameBytes = frames.width * frames.height * CHANNELS;
  const count = frames.pixels.length / frameBytes;
  const looks = Math.min(LOOKS, count);
  const thumbnails = new Thumbnails(frames, evenly);
  const looked = Array.from({ length: looks }, (_, i) => {
    const index = Math.floor((i * count) / looks);
    return thumbnails.of(frames.pixels.subarray(index * frameBytes, (index + 1) * frameBytes));
  });
  const { width, height } = thumbnails;
  return {
    columns: new Edges(looked, { lines: width, length: height, across: 1, along: width }),
    rows: new Edges(looked, { lines: height, length: width, across: width, along: 1 }),
  };
}

interface Found extends Box {
  /** The share of an edge that its faintest side shows. */
  strength: number;
}

function rectangles({ columns, rows }: { columns: Edges; rows: Edges }): Found[] {
  const width = columns.lines;
  const height = rows.lines;
  const [leastWidth, leastHeight] = [Math.round(LEAST_SIDE * width), Math.round(LEAST_SIDE * height)];
  const [xs, ys] = [columns.sides(leastHeight), rows.sides(leastWidth)];
  const found: Found[] = [];
  for (const top of ys)
    for (const bottom of ys) {
      const tall = bottom - top;
      if (tall < leastHeight || (tall < height && tall > GREATEST_SIDE * height)) continue;
      const sides = xs
        .map((x) => ({ x, share: columns.shown(x, top, bottom) }))
        .filter(({ share }) => share >= SHOWN);
      for (const left of sides)
        for (const right of sides) {
          const wide = right.x - left.x;
          if (wide < leastWidth || (wide < width && wide > GREATEST_SIDE * width)) continue;
          if (wide * tall < LEAST_AREA * width * height || wide * tall === width * height) continue;
          const upper = rows.shown(top, left.x, right.x);
          const lower = rows.shown(bottom, left.x, right.x);
          const strength = Math.min(left.share, right.share, upper, lower);
          if (strength < SHOWN) continue;
          const across = { left: left.x / width, right: right.x / width };
          found.push({ ...across, top: top / height, bottom: bottom / height, strength });
        }
    }
  return found;
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const area = (box: Box) => (box.right - box.left) * (box.bottom - box.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (area(a) + area(b) - shared);
}

/** The clearest rectangles, at most four, no two of them nearly the same. */
export function insetBoxes(frames: Frames): Box[] {
  if (frames.pixels.length === 0) return [];
  const chosen: Found[] = [];
  for (const box of rectangles(edgesOf(frames)).sort((a, b) => b.strength - a.strength)) {
    if (chosen.length === MOST) break;
    if (chosen.every((other) => overlap(box, other) < 0.6)) chosen.push(box);
  }
  return chosen.map(({ left, top, right, bottom }) => ({ left, top, right, bottom }));
}
