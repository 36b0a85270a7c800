import { describe, expect, test } from "vitest";
import { FlickerDetector } from "./flicker.ts";

const LOOKS_A_SECOND = 8;
/** Means and deviations of two scenes, with a little movement. */
const scene = (name: string, look: number) =>
  (name === "A" ? [60, 120, 130, 30, 5, 5] : [140, 118, 124, 55, 8, 4]).map((value) => value + (look % 3));

function stretchesOf(scenes: string) {
  const detector = new FlickerDetector();
  [...scenes].forEach((name, look) => void detector.add(scene(name, look), look / LOOKS_A_SECOND));
  return detector.stretches;
}

describe("flicker", () => {
  test("is found where every second look shows something else", () => {
    expect(stretchesOf("AB".repeat(20))).toEqual([{ startS: 1 / 8, endS: 39 / 8 }]);
  });

  test("is found where the looks meet one or the other by chance", () => {
    expect(stretchesOf("ABBABAABBBABAABABBAABABA").length).toBeGreaterThan(0);
  });

  test("is found only where it is", () => {
    const [first, ...others] = stretchesOf(`${"A".repeat(40)}${"AB".repeat(20)}${"B".repeat(40)}`);
    expect(others).toEqual([]);
    expect(first!.startS).toBeGreaterThan(4.5);
    expect(first!.endS).toBeLessThan(10.5);
  });

  test.each([
    ["one scene", "A".repeat(60)],
    ["people who talk in turns of a second", "AAAAAAAABBBBBBBB".repeat(5)],
    ["a cut", `${"A".repeat(30)}${"B".repeat(30)}`],
    ["a single flash", `${"A".repeat(30)}B${"A".repeat(30)}`],
  ])("is not found in %s", (_name, scenes) => {
    expect(stretchesOf(scenes)).toEqual([]);
  });
});
