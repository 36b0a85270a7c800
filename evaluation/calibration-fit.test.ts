import { describe, expect, it } from "vitest";
import { bestScore, type Found, fitWeights, type LabelledPair } from "./calibration-fit.ts";

const found = (motion: number, kind: Found["kind"] = "whole", similarity = 0.8, frames = 12): Found => ({
  evidence: { similarity, motion, frames },
  kind,
});
const pair = (isCopy: boolean, ...segments: Found[]): LabelledPair => ({ isCopy, segments });
const steps = (from: number, to: number) =>
  Array.from({ length: 20 }, (_, i) => from + (i * (to - from)) / 20);

describe("the fit of a score's weights", () => {
  const copies = steps(0.4, 1).map((motion) => pair(true, found(motion)));
  const distractors = steps(0, 0.5).map((motion) => pair(false, found(motion)));

  it("scores copies above distractors", () => {
    const weights = fitWeights([...copies, ...distractors]);
    expect(weights.motion).toBeGreaterThan(1);
    expect(bestScore([found(0.95)], weights)).toBeGreaterThan(0.9);
    expect(bestScore([found(0.05)], weights)).toBeLessThan(0.1);
  });

  it("weighs views with more false matches lower", () => {
    const parts = steps(0.3, 0.8).map((motion) => pair(false, found(motion, "part")));
    const copiedParts = steps(0.7, 1).map((motion) => pair(true, found(motion, "part")));
    const weights = fitWeights([...copies, ...distractors, ...parts, ...copiedParts]);
    expect(weights.part).toBeLessThan(-0.3);
    expect(bestScore([found(0.6, "part")], weights)).toBeLessThan(bestScore([found(0.6)], weights));
  });

  it("fits on a pair's best segment", () => {
    const withNoise = copies.map(({ segments }) => pair(true, found(-0.2), ...segments, found(0)));
    expect(fitWeights([...withNoise, ...distractors])).toEqual(fitWeights([...copies, ...distractors]));
  });

  it("ignores pairs without a segment, and refuses to fit on one class", () => {
    expect(fitWeights([...copies, ...distractors, pair(true), pair(false)])).toEqual(
      fitWeights([...copies, ...distractors]),
    );
    expect(() => fitWeights([...copies, pair(false)])).toThrow(/true pairs and false pairs/);
  });
});
