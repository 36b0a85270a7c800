// The views in which a query is compared when its whole frames matched nothing for sure: mirrored, turned, and the parts
// where a copy shown beside, above or within something else would lie.

import type { QueryView } from "../align/align.ts";
import { type View, viewOf, within } from "../descriptor/view.ts";
import { type Box, insetBoxes } from "../media/index.ts";
import type { Pictures } from "./describe-view.ts";

export interface NamedView extends QueryView {
  kind: "turned" | "part";
  map: View;
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
const PARTS: NamedView[] = [
  partOf("left_half", { left: 0, top: 0, right: 0.5, bottom: 1 }),
  partOf("right_half", { left: 0.5, top: 0, right: 1, bottom: 1 }),
  partOf("top_half", { left: 0, top: 0, right: 1, bottom: 0.5 }),
  partOf("bottom_half", { left: 0, top: 0.5, right: 1, bottom: 1 }),
  partOf("middle_band", { left: 0, top: 0.34, right: 1, bottom: 0.66 }),
  partOf("middle_column", { left: 0.34, top: 0, right: 0.66, bottom: 1 }),
  partOf("middle", { left: 0.2, top: 0.2, right: 0.8, bottom: 0.8 }),
  partOf("top_left", { left: 0, top: 0, right: 0.55, bottom: 0.55 }),
  partOf("top_right", { left: 0.45, top: 0, right: 1, bottom: 0.55 }),
  partOf("bottom_left", { left: 0, top: 0.45, right: 0.55, bottom: 1 }),
  partOf("bottom_right", { left: 0.45, top: 0.45, right: 1, bottom: 1 }),
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
  /** Compared also when a duplicate is known: a picture within the picture, or beside it, is another video's. */
  evenIfSettled: boolean;
}

/** Views of the whole frame, then of pictures found within the picture, then of parts that hold a copy at times. */
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
