import { describe, expect, it } from "vitest";
import { clipOf } from "./test-clips.ts";
import { cut, faster, later, mirrored, speedOf, wholeOf } from "./timeline.ts";

const whole = [wholeOf(clipOf({ name: "a.mp4", durationS: 20 }), 0, 20)];

describe("timeline", () => {
  it("follows an excerpt that is sped up and put behind two seconds of something else", () => {
    const [segment] = later(faster(cut(whole, 5, 10), 1.25), 2);
    expect(segment).toMatchObject({ queryStartS: 2, queryEndS: 10, clipStartS: 5, clipEndS: 15 });
    expect(segment && speedOf(segment)).toBeCloseTo(1.25, 10);
  });
  it("cuts what was sped up by the clip's own seconds", () => {
    const [segment] = cut(faster(whole, 2), 3, 4);
    expect(segment).toMatchObject({ queryStartS: 0, queryEndS: 4, clipStartS: 6, clipEndS: 14 });
  });
  it("drops what a cut leaves out, and trims what it leaves in part", () => {
    const two = [...cut(whole, 0, 4), ...later(cut(whole, 10, 4), 4)];
    const left = cut(two, 4.5, 2);
    expect(left).toHaveLength(1);
    expect(left[0]).toMatchObject({ queryStartS: 0, queryEndS: 2, clipStartS: 10.5, clipEndS: 12.5 });
  });
  it("is not mirrored when it is mirrored twice", () => {
    expect(mirrored(whole)[0]?.mirrored).toBe(true);
    expect(mirrored(mirrored(whole))).toEqual(whole);
  });
});
