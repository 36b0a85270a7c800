// The ways in which a query is looked at again when its whole frames matched nothing for sure: mirrored, turned,
// and in the parts where a copy shown beside, above or within something else would lie.

import type { View } from "../descriptor/view.ts";
import type { Box } from "../media/index.ts";

export interface NamedView {
  name: string;
  /** Whether what it shows is the mirror image of the frame. */
  mirrored: boolean;
  map: View;
}

/** The view that shows a box of the frame. */
export function viewOf({ left, top, right, bottom }: Box): View {
  return [right - left, 0, left + right - 1, 0, bottom - top, top + bottom - 1];
}

/** First `inner`, then `outer`: the inner view of what the outer view shows. */
export function within(outer: View, inner: View): View {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}

const MIRROR: View = [-1, 0, 0, 0, 1, 0];
const TURNS: NamedView[] = [
  { name: "turned_90", mirrored: false, map: [0, -1, 0, 1, 0, 0] },
  { name: "turned_270", mirrored: false, map: [0, 1, 0, -1, 0, 0] },
];
const part = (name: string, left: number, top: number, right: number, bottom: number): NamedView => ({
  name,
  mirrored: false,
  map: viewOf({ left, top, right, bottom }),
});
const PARTS: NamedView[] = [
  part("left_half", 0, 0, 0.5, 1),
  part("right_half", 0.5, 0, 1, 1),
  part("top_half", 0, 0, 1, 0.5),
  part("bottom_half", 0, 0.5, 1, 1),
  part("middle_band", 0, 0.34, 1, 0.66),
  part("middle_column", 0.34, 0, 0.66, 1),
  part("middle", 0.2, 0.2, 0.8, 0.8),
  part("top_left", 0, 0, 0.55, 0.55),
  part("top_right", 0.45, 0, 1, 0.55),
  part("bottom_left", 0, 0.45, 0.55, 1),
  part("bottom_right", 0.45, 0.45, 1, 1),
];
const mirrored = ({ name, map }: NamedView): NamedView => ({
  name: `${name}_mirrored`,
  mirrored: true,
  map: within(map, MIRROR),
});

/** In two rounds: what concerns the whole frame, then its parts. */
export const VIEW_ROUNDS: readonly (readonly NamedView[])[] = [
  [{ name: "mirrored", mirrored: true, map: MIRROR }, ...TURNS, ...TURNS.map(mirrored)],
  [...PARTS, ...PARTS.map(mirrored)],
];
