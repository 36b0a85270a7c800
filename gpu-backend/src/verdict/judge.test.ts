import { describe, expect, it } from "vitest";
import { coveredS } from "./decide.ts";
import { judge } from "./judge.ts";
import { DEFAULT_POLICY } from "./policy.ts";

const segment = (startS: number, endS: number, score: number) => ({
  query: { start_s: startS, end_s: endS },
  reference: { start_s: startS + 5, end_s: endS + 5 },
  score,
  speed: 1,
  mirrored: false,
});
const verdictOf = (segments: ReturnType<typeof segment>[], queryS = 20) =>
  judge("r", segments, { durationS: queryS }, { durationS: 60 }, DEFAULT_POLICY)?.verdict ?? null;

describe("judge", () => {
  it("calls a query that is covered a duplicate", () => {
    expect(verdictOf([segment(0, 19, 0.95)])).toBe("duplicate");
    expect(verdictOf([segment(0, 7, 0.95), segment(8, 15, 0.9)])).toBe("duplicate");
  });
  it("calls a query that holds some of the reference a partial copy", () => {
    expect(verdictOf([segment(4, 9, 0.95)])).toBe("partial_copy");
  });
  it("leaves the doubtful and the very short to review", () => {
    expect(verdictOf([segment(0, 19, 0.5)])).toBe("review");
    expect(verdictOf([segment(0, 1, 0.95)])).toBe("review");
  });
  it("does not add doubtful seconds to sure ones", () => {
    expect(verdictOf([segment(0, 5, 0.95), segment(6, 19, 0.5)])).toBe("partial_copy");
  });
  it("names nothing below the review score", () => {
    expect(verdictOf([segment(0, 19, 0.34)])).toBeNull();
  });
  it("says how much of either side is covered", () => {
    const match = judge("r", [segment(0, 10, 0.9)], { durationS: 20 }, { durationS: 60 }, DEFAULT_POLICY);
    expect(match?.visual).toMatchObject({ query_coverage: 0.5, reference_coverage: 0.1667 });
    expect(match?.score).toBe(0.9);
  });
});

describe("coveredS", () => {
  it("counts overlapping seconds once", () => {
    const range = (start_s: number, end_s: number) => ({ start_s, end_s });
    expect(coveredS([range(0, 5), range(3, 8), range(4, 6), range(10, 11)])).toBe(9);
    expect(coveredS([])).toBe(0);
  });
});
