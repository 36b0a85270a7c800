// Synthetic pictures for tests of what works on pixels: seeded, so that every run sees the same.

import type { Box } from "./media/index.ts";
import { seededRandom } from "./testing-tracks.ts";

export const FOOTAGE = { width: 160, height: 120, count: 12 };
const CHANNELS = 3;

export type Colour = readonly [number, number, number];
/** The colour at a place of a frame. */
export type Painter = (x: number, y: number, frame: number) => Colour;

const soft = (share: number) => share * share * (3 - 2 * share);

/** Soft patches of colour, one every `patch` pixels, that pan by `pan` pixels a frame. */
export function panning(seed: number, pan: readonly [number, number] = [5, 3], patch = 12): Painter {
  const lattice = 64;
  const random = seededRandom(seed);
  const levels = Float32Array.from({ length: lattice * lattice * CHANNELS }, () => 40 + 170 * random());
  const wrapped = (place: number) => ((place % lattice) + lattice) % lattice;
  const level = (column: number, row: number, channel: number) =>
    levels[(wrapped(row) * lattice + wrapped(column)) * CHANNELS + channel] as number;
  return (x, y, frame) => {
    const [across, down] = [(x + pan[0] * frame) / patch, (y + pan[1] * frame) / patch];
    const [column, row] = [Math.floor(across), Math.floor(down)];
    const [right, low] = [soft(across - column), soft(down - row)];
    const channel = (i: number) =>
      (1 - low) * ((1 - right) * level(column, row, i) + right * level(column + 1, row, i)) +
      low * ((1 - right) * level(column, row + 1, i) + right * level(column + 1, row + 1, i));
    return [channel(0), channel(1), channel(2)];
  };
}

/** `inner` within a box of the frame, `outer` around it. */
export function inset(outer: Painter, inner: Painter, box: Box): Painter {
  const { width, height } = FOOTAGE;
  return (x, y, frame) =>
    x >= box.left * width && x < box.right * width && y >= box.top * height && y < box.bottom * height
      ? inner(x, y, frame)
      : outer(x, y, frame);
}

/** rgb24 [count, height, width, 3] with its size. */
export function painted(painter: Painter, { width, height, count } = FOOTAGE) {
  const pixels = new Uint8Array(count * height * width * CHANNELS);
  let at = 0;
  for (let frame = 0; frame < count; frame++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) for (const level of painter(x, y, frame)) pixels[at++] = level;
  return { pixels, width, height, count };
}
