import { describe, expect, it } from "vitest";
import { type View, viewOf, within } from "../descriptor/view.ts";
import { type Box, WHOLE_BOX } from "../media/index.ts";
import { inset, painted, panning } from "../testing-footage.ts";
import { seededRandom } from "../testing-tracks.ts";
import type { Pictures } from "./describe-view.ts";
import { type NamedView, viewNamed, viewRounds } from "./query-views.ts";

type Point = readonly [number, number];
const shownAt = ([a, b, c, d, e, f]: View, [x, y]: Point): Point => [a * x + b * y + c, d * x + e * y + f];
const CORNERS: Point[] = [
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
  [0.3, -0.2],
];
function expectSame(points: Point[], others: Point[]): void {
  expect(points).toHaveLength(others.length);
  points.flat().forEach((value, i) => {
    expect(value).toBeCloseTo(others.flat()[i] as number, 9);
  });
}

const PLACE = { left: 0.25, top: 0.5, right: 0.65, bottom: 0.85 };
function picturesOf(box: Box = WHOLE_BOX, place: Box | null = PLACE): Pictures {
  const host = panning(1);
  const { count, ...frames } = painted(place ? inset(host, panning(2, [-4, 6]), place) : host);
  const startS = Float32Array.from({ length: count }, (_, i) => i / 2);
  return { ...frames, startS, endS: startS.map((s) => s + 0.5), rate: 2, durationS: count / 2, box };
}
const everyView = (pictures: Pictures) => viewRounds(pictures).flatMap(({ views }) => views());

describe("a view of a box", () => {
  it("shows the box's corners at its own", () => {
    const view = viewOf({ left: 0, top: 0.5, right: 0.25, bottom: 0.75 });
    const shown = CORNERS.map((corner) => shownAt(view, corner));
    expectSame(shown.slice(0, 4), [
      [-1, 0],
      [-0.5, 0],
      [-1, 0.5],
      [-0.5, 0.5],
    ]);
    expect(viewOf(WHOLE_BOX)).toEqual([1, 0, 0, 0, 1, 0]);
  });
});

describe("a view within a view", () => {
  it("shows of the frame what the inner one shows of the outer one's picture", () => {
    const random = seededRandom(3);
    const anyView = () => Array.from({ length: 6 }, () => 2 * random() - 1) as unknown as View;
    for (let i = 0; i < 20; i++) {
      const [outer, inner] = [anyView(), anyView()];
      const both = within(outer, inner);
      for (const point of CORNERS)
        expectSame([shownAt(both, point)], [shownAt(outer, shownAt(inner, point))]);
    }
  });
});

describe("the views of a query", () => {
  const pictures = picturesOf();
  const views = everyView(pictures);

  it("have unique names, and a kind", () => {
    expect(new Set(views.map(({ name }) => name)).size).toBe(views.length);
    const kinds = viewRounds(pictures).map((round) => new Set(round.views().map(({ kind }) => kind)));
    expect(kinds).toEqual([new Set(["turned"]), new Set(["part"]), new Set(["part"])]);
  });

  it("show a mirror image exactly where `mirrored` is set", () => {
    const sense = ({ map: [a, b, , d, e] }: NamedView) => Math.sign(a * e - b * d);
    for (const view of views) expect(sense(view), view.name).toBe(view.mirrored ? -1 : 1);
    for (const view of views) expect(view.name.endsWith("mirrored"), view.name).toBe(view.mirrored);
  });

  it("exist mirrored, too: the same place with left and right exchanged", () => {
    const plain = views.filter(({ mirrored }) => !mirrored);
    for (const view of plain) {
      const other = viewNamed(`${view.name}_mirrored`, pictures);
      for (const [x, y] of CORNERS)
        expectSame([shownAt(other?.map as View, [x, y])], [shownAt(view.map, [-x, y])]);
    }
    expect(viewNamed("mirrored", pictures)?.map).toEqual([-1, 0, 0, 0, 1, 0]);
  });

  it("turn by a quarter each way", () => {
    const upright = viewNamed("turned_90", pictures)?.map as View;
    const other = viewNamed("turned_270", pictures)?.map as View;
    for (const point of CORNERS) expectSame([shownAt(upright, shownAt(other, point))], [point]);
    expectSame([shownAt(upright, shownAt(upright, [1, 1]))], [[-1, -1]]);
  });

  it("stay within the frame", () => {
    for (const { map, name } of views)
      for (const corner of CORNERS)
        for (const place of shownAt(map, corner)) expect(Math.abs(place), name).toBeLessThanOrEqual(1 + 1e-9);
  });
});

describe("the pictures found within a picture", () => {
  const insetsOf = (pictures: Pictures) =>
    everyView(pictures).filter(({ name }) => name.startsWith("inset_"));

  it("are views that have a name", () => {
    const pictures = picturesOf();
    expect(insetsOf(pictures).map(({ name }) => name)).toEqual(["inset_1", "inset_1_mirrored"]);
    const view = viewNamed("inset_1", pictures);
    expect(view).toMatchObject({ kind: "part", mirrored: false });
    for (const corner of CORNERS)
      expectSame([shownAt(view?.map as View, corner)], [shownAt(viewOf(PLACE), corner)]);
    expect(viewNamed("inset_1_mirrored", pictures)?.mirrored).toBe(true);
  });

  it("are shown in place when the picture lies within bars", () => {
    const box = { left: 0.1, top: 0.2, right: 0.9, bottom: 1 };
    const pictures = picturesOf(box);
    const view = viewNamed("inset_1", pictures)?.map as View;
    const ofFrame = within(viewOf(box), view);
    for (const corner of CORNERS) expectSame([shownAt(ofFrame, corner)], [shownAt(viewOf(PLACE), corner)]);
  });

  it.each([
    ["the picture within its bars", PLACE],
    ["in the bars", { left: 0, top: 0, right: 0.2, bottom: 1 }],
  ])("are none that is %s", (_, box) => {
    expect(insetsOf(picturesOf(box))).toEqual([]);
  });

  it("are detected once", () => {
    const pictures = picturesOf();
    expect(viewNamed("inset_1", pictures)).toBe(viewNamed("inset_1", pictures));
  });

  it("are empty where there are none, and viewNamed returns null for other names", () => {
    const pictures = picturesOf(WHOLE_BOX, null);
    expect(insetsOf(pictures)).toEqual([]);
    for (const name of ["inset_1", "inset_9", "whole", ""]) expect(viewNamed(name, pictures)).toBeNull();
  });
});
