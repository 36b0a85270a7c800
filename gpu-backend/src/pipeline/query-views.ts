// The ways in which a query is looked at again when its whole frames matched nothing for sure: mirrored, turned,
// and in the parts where a copy shown beside, above or within something else would lie.

import type { View } from "../descriptor/view.ts";
import { type Box, insetBoxes } from "../media/index.ts";
import type { Pictures } from "./describe-view.ts";

export interface NamedView {
  name: string;
  kind: "turned" | "part";
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
  { name: "turned_90", kind: "turned", mirrored: false, map: [0, -1, 0, 1, 0, 0] },
  { name: "turned_270", kind: "turned", mirrored: false, map: [0, 1, 0, -1, 0, 0] },
];
const partOf = (name: string, box: Box): NamedView => ({
  name,
  kind: "part",
  mirrored: false,
  map: viewOf(box),
});
const part = (name: string, left: number, top: number, right: number, bottom: number) =>
  partOf(name, { left, top, right, bottom });
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
const mirrored = ({ name, kind, map }: NamedView): NamedView => ({
  name: `${name}_mirrored`,
  kind,
  mirrored: true,
  map: within(map, MIRROR),
});

const TURNED: NamedView[] = [
  { name: "mirrored", kind: "turned", mirrored: true, map: MIRROR },
  ...TURNS,
  ...TURNS.map(mirrored),
];
const FIXED_PARTS = [...PARTS, ...PARTS.map(mirrored)];

export interface Round {
  views: () => readonly NamedView[];
  /** Also when a copy is known: a picture within the picture, or beside it, is another video's. */
  evenIfSettled: boolean;
}

/** What concerns the whole frame, then the pictures found within the picture, then parts that hold a copy at times. */
export function viewRounds(pictures: Pictures): Round[] {
  return [
    { views: () => TURNED, evenIfSettled: false },
    { views: () => insetsOf(pictures), evenIfSettled: true },
    { views: () => FIXED_PARTS, evenIfSettled: false },
  ];
}

/** The view of that name; null when there is none. */
export function viewNamed(name: string, pictures: Pictures): NamedView | null {
  for (const { views } of viewRounds(pictures)) {
    const view = views().find((known) => known.name === name);
    if (view) return view;
  }
  return null;
}

const foundInsets = new WeakMap<Pictures, NamedView[]>();

function insetsOf(pictures: Pictures): NamedView[] {
  let found = foundInsets.get(pictures);
  if (!found) {
    const insets = insetBoxes(pictures)
      .map((box) => withinBox(pictures.box, box))
      .filter((box) => box !== null)
      .map((box, i) => partOf(`inset_${i + 1}`, box));
    found = [...insets, ...insets.map(mirrored)];
    foundInsets.set(pictures, found);
  }
  return found;
}

/** Bars have edges too: a box that is the picture within them, or lies outside of it, is none. */
const MOST_OF_PICTURE = 0.85;
const LEAST_INSIDE = 0.7;

/** A box of the frame as a box of the picture within its bars; null when it shows nothing but that, or the bars. */
function withinBox(outer: Box, inner: Box): Box | null {
  const x = (value: number) => (value - outer.left) / (outer.right - outer.left);
  const y = (value: number) => (value - outer.top) / (outer.bottom - outer.top);
  const box = { left: x(inner.left), top: y(inner.top), right: x(inner.right), bottom: y(inner.bottom) };
  const area = (box.right - box.left) * (box.bottom - box.top);
  const width = Math.min(1, box.right) - Math.max(0, box.left);
  const height = Math.min(1, box.bottom) - Math.max(0, box.top);
  const inside = Math.max(0, width) * Math.max(0, height);
  return inside < LEAST_INSIDE * area || (width > MOST_OF_PICTURE && height > MOST_OF_PICTURE) ? null : box;
}
