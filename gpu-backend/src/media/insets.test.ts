import { describe, expect, it } from "vitest";
import { inset, type Painter, painted, panning } from "../testing-footage.ts";
import type { Box } from "./borders.ts";
import { insetBoxes } from "./insets.ts";

const LEFT_HALF = { left: 0, top: 0, right: 0.5, bottom: 1 };
const RIGHT_HALF = { left: 0.5, top: 0, right: 1, bottom: 1 };
const [ONE, OTHER] = [panning(1), panning(2, [-4, 6])];

const boxesOf = (painter: Painter) => insetBoxes(painted(painter));
/** In hundredths, in the order of their left and top edges. */
const places = (boxes: Box[]) =>
  boxes
    .map(({ left, top, right, bottom }) => [left, top, right, bottom].map((side) => Math.round(side * 100)))
    .sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);
const area = ({ left, top, right, bottom }: Box) => Math.max(0, right - left) * Math.max(0, bottom - top);
function shared(a: Box, b: Box): number {
  const both = {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  };
  return area(both) / (area(a) + area(b) - area(both));
}

describe("pictures within a picture", () => {
  it.each([
    ["in the middle", { left: 0.25, top: 0.5, right: 0.65, bottom: 0.85 }],
    ["in a corner", { left: 0, top: 0, right: 0.375, bottom: 0.25 }],
    ["small", { left: 0.5, top: 0.25, right: 0.75, bottom: 0.5 }],
  ])("are found %s", (_, box) => {
    expect(places(boxesOf(inset(ONE, OTHER, box)))).toEqual(places([box]));
  });

  it("are found side by side and stacked", () => {
    expect(places(boxesOf(inset(ONE, OTHER, LEFT_HALF)))).toEqual(places([LEFT_HALF, RIGHT_HALF]));
    const upper = { left: 0, top: 0, right: 1, bottom: 0.25 };
    const lower = { left: 0, top: 0.25, right: 1, bottom: 1 };
    expect(places(boxesOf(inset(ONE, OTHER, lower)))).toEqual(places([upper, lower]));
  });

  it("are told apart by colour alone", () => {
    const tinted =
      (painter: Painter, sign: number): Painter =>
      (x, y, frame) => {
        const grey = painter(x, y, frame)[0] / 2 + 60;
        return [grey + 2 * sign, grey - sign, grey];
      };
    const still: Painter = () => [120, 120, 120];
    expect(boxesOf(inset(still, still, LEFT_HALF))).toEqual([]);
    const boxes = boxesOf(inset(tinted(ONE, 8), tinted(ONE, -8), LEFT_HALF));
    expect(places(boxes)).toEqual(places([LEFT_HALF, RIGHT_HALF]));
  });

  it.each([1, 2, 3, 4, 5])("are not seen in footage that just moves (%i)", (seed) => {
    expect(boxesOf(panning(seed))).toEqual([]);
    expect(boxesOf(panning(seed, [2, 1], 6))).toEqual([]);
  });

  it.each([120, 140, 224])("are not seen in footage of fine detail of any size (%i)", (side) => {
    const fine = painted(panning(1, [2, 1], 4), { width: side, height: side, count: 10 });
    expect(insetBoxes(fine)).toEqual([]);
  });

  it("are not seen where a straight edge moves with the picture", () => {
    const board = (pan: number): Painter => {
      const scene = inset(ONE, () => [250, 250, 250], { left: 0.25, top: 0.25, right: 0.75, bottom: 0.75 });
      return (x, y, frame) => scene(x + pan * frame, y + pan * frame, pan === 0 ? frame : 0);
    };
    expect(boxesOf(board(0))).toHaveLength(1);
    expect(boxesOf(board(-5))).toEqual([]);
  });

  it("are not seen in edges too short or of too small a part", () => {
    expect(boxesOf(inset(ONE, OTHER, { left: 0.5, top: 0.5, right: 0.6, bottom: 1 }))).toEqual([]);
    expect(boxesOf(inset(ONE, OTHER, { left: 0.5, top: 0.5, right: 0.7, bottom: 0.7 }))).toEqual([]);
  });

  it("are one when there are two edges close together, as of a frame", () => {
    const place = { left: 0.25, top: 0.25, right: 0.75, bottom: 0.75 };
    const within = { left: 0.2875, top: 0.2875, right: 0.7125, bottom: 0.7125 };
    const boxes = boxesOf(
      inset(
        ONE,
        inset(() => [255, 255, 255], OTHER, within),
        place,
      ),
    );
    expect(boxes).toHaveLength(1);
    expect(shared(boxes[0] as Box, place)).toBeGreaterThan(0.6);
  });

  it("are at most four", () => {
    const tiles = [3, 4, 5, 6, 7, 8].map((seed) => panning(seed, [seed - 5, 4]));
    const boxes = boxesOf((x, y, frame) => {
      const tile = Math.floor(x / 54) + 3 * Math.floor(y / 60);
      return (tiles[tile] as Painter)(x, y, frame);
    });
    expect(boxes).toHaveLength(4);
    for (const [i, box] of boxes.entries())
      for (const other of boxes.slice(i + 1)) expect(shared(box, other)).toBeLessThan(0.6);
  });

  it("are none in no frames", () => {
    expect(insetBoxes({ pixels: new Uint8Array(0), width: 160, height: 120 })).toEqual([]);
  });
});
