import { describe, expect, it } from "vitest";
import { estimates, resamplings } from "./bootstrap.ts";

const strata = [...Array(30).fill("copy"), ...Array(10).fill("negative")];

describe("resampling", () => {
  it("gives the same draws every time", () => {
    expect(resamplings(strata, 20)).toEqual(resamplings(strata, 20));
  });
  it("draws each stratum as often as it has members, and differently each round", () => {
    const rounds = resamplings(strata, 50);
    for (const weights of rounds) {
      const sum = (from: number, to: number) => weights.subarray(from, to).reduce((a, b) => a + b, 0);
      expect([sum(0, 30), sum(30, 40)]).toEqual([30, 10]);
    }
    expect(new Set(rounds.map((weights) => weights.join())).size).toBe(50);
  });
});

describe("estimates", () => {
  it("encloses a mean by about two standard errors", () => {
    const members = Array(400).fill("all");
    const { mean } = estimates(members, (weights) => ({
      mean: weights.reduce((sum, weight, i) => sum + (i % 2) * weight, 0) / members.length,
    }));
    // the standard error of a share of .5 in 400 is .025
    expect(mean.value).toBe(0.5);
    expect(mean.low).toBeCloseTo(0.45, 1.8);
    expect(mean.high).toBeCloseTo(0.55, 1.8);
  });
  it("gives no interval without a value", () => {
    const { open } = estimates(strata, () => ({ open: Number.NaN }), 5);
    expect(open).toEqual({ value: Number.NaN, low: Number.NaN, high: Number.NaN });
  });
});
