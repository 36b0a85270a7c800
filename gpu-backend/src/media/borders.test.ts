import { describe, expect, it } from "vitest";
import { type Colour, FOOTAGE, inset, type Painter, painted, panning } from "../testing-footage.ts";
import { type Box, pictureBox, WHOLE_BOX } from "./borders.ts";

const { width, height, count } = FOOTAGE;
const SCENE = panning(1);
const flat =
  (...colour: Colour): Painter =>
  () =>
    colour;
const BLACK = flat(0, 0, 0);

const ALL = Array.from({ length: count }, (_, i) => i);
function boxOf(painter: Painter, kept = ALL): Box {
  return pictureBox(painted(painter), kept);
}
/** The box, and of each side that was trimmed one line more, which may be half bar. */
function within({ left, top, right, bottom }: Box): Box {
  return {
    left: left === 0 ? 0 : left + 1 / width,
    top: top === 0 ? 0 : top + 1 / height,
    right: right === 1 ? 1 : right - 1 / width,
    bottom: bottom === 1 ? 1 : bottom - 1 / height,
  };
}
function expectTrimmed(painter: Painter, box: Box, kept = ALL): void {
  const found = boxOf(painter, kept);
  for (const side of ["left", "top", "right", "bottom"] as const)
    expect(found[side], side).toBeCloseTo(within(box)[side], 6);
}

describe("the picture within its bars", () => {
  it.each([
    ["letterbox", { ...WHOLE_BOX, top: 0.15, bottom: 0.85 }],
    ["pillarbox", { ...WHOLE_BOX, left: 0.2, right: 0.8 }],
    ["one bar", { ...WHOLE_BOX, bottom: 0.7 }],
    ["bars of unlike width", { left: 0.1, top: 0.05, right: 0.7, bottom: 0.9 }],
  ])("is found in a %s", (_, box) => {
    expectTrimmed(inset(BLACK, SCENE, box), box);
    expectTrimmed(inset(flat(235, 40, 90), SCENE, box), box);
  });

  it("is the whole frame where there are no bars, or hair-thin ones", () => {
    expect(boxOf(SCENE)).toEqual(WHOLE_BOX);
    expect(boxOf(inset(BLACK, SCENE, { ...WHOLE_BOX, top: 1 / height }))).toEqual(WHOLE_BOX);
  });

  it("is the whole frame where what is around it is not flat", () => {
    const box = { ...WHOLE_BOX, top: 0.15, bottom: 0.85 };
    const soft: Painter = (x, y, frame) => SCENE(x / 4, y / 4, frame / 4);
    const still: Painter = (x, y) => SCENE(x, y, 0);
    for (const around of [soft, still]) expect(boxOf(inset(around, SCENE, box))).toEqual(WHOLE_BOX);
  });

  it("is the whole frame where what is around it changes", () => {
    const box = { ...WHOLE_BOX, left: 0.2, right: 0.8 };
    const pulse: Painter = (_x, _y, frame) => [20 * (frame % 2), 20 * (frame % 2), 20 * (frame % 2)];
    expect(boxOf(inset(pulse, SCENE, box))).toEqual(WHOLE_BOX);
  });

  it("keeps a dark side of a scene, which fades into it without an end", () => {
    const dark: Painter = (x, y, frame) => {
      const light = Math.max(0, (x - width / 3) / width) ** 2;
      const [red, green, blue] = SCENE(x, y, frame);
      return [red * light, green * light, blue * light];
    };
    expect(boxOf(dark)).toEqual(WHOLE_BOX);
  });

  it("is the whole frame of a video that shows nothing, and where little would stay", () => {
    expect(boxOf(BLACK)).toEqual(WHOLE_BOX);
    expect(boxOf(SCENE, [])).toEqual(WHOLE_BOX);
    expect(boxOf(inset(BLACK, SCENE, { ...WHOLE_BOX, left: 0.4, right: 0.6 }))).toEqual(WHOLE_BOX);
  });

  it("is found by the frames that count: blank ones between them change nothing", () => {
    const box = { ...WHOLE_BOX, top: 0.15, bottom: 0.85 };
    const boxed = inset(BLACK, SCENE, box);
    const flashing: Painter = (x, y, frame) => (frame % 4 === 0 ? [255, 255, 255] : boxed(x, y, frame));
    expect(boxOf(flashing)).toEqual(WHOLE_BOX);
    expectTrimmed(
      flashing,
      box,
      ALL.filter((frame) => frame % 4 !== 0),
    );
  });
});
