import { describe, expect, it } from "vitest";
import { precisionRecallCurve, rankingFigures, rankPairs } from "./ranking.ts";

const truth = new Map([
  ["q1", new Set(["r1"])],
  ["q2", new Set(["r2", "r3"])],
]);
const ids = ["q1", "q2", "q3"];
const pair = (queryId: string, referenceId: string, score = 1) => ({ queryId, referenceId, score });
const figuresOf = (pairs: ReturnType<typeof pair>[]) => rankingFigures(rankPairs(pairs, ids, truth));

describe("micro average precision", () => {
  it("is 1 when every true pair stands before every false one", () => {
    const pairs = [
      pair("q1", "r1", 0.9),
      pair("q2", "r2", 0.8),
      pair("q2", "r3", 0.7),
      pair("q3", "r1", 0.1),
    ];
    expect(figuresOf(pairs).microAp).toBe(1);
  });
  it("weighs precision at each true pair, and counts the pairs that were never found", () => {
    // found at ranks 1 and 3 of 3 true pairs: (1/1 + 2/3) / 3
    const pairs = [pair("q1", "r1", 0.9), pair("q3", "r1", 0.8), pair("q2", "r2", 0.7)];
    expect(figuresOf(pairs).microAp).toBeCloseTo(5 / 9, 10);
  });
  it("does not order tied pairs", () => {
    // 1/3 · 1, and for the three tied ones 1/3 · 2/4, whatever their order
    const tied = [pair("q2", "r2", 0.5), pair("q3", "r1", 0.5), pair("q3", "r2", 0.5)];
    for (const order of [tied, tied.toReversed()])
      expect(figuresOf([pair("q1", "r1", 0.9), ...order]).microAp).toBeCloseTo(0.5, 10);
  });
  it("has no value without true pairs", () => {
    expect(rankingFigures(rankPairs([pair("q3", "r1")], ["q3"], truth)).microAp).toBeNaN();
  });
});

describe("recall at precision .9", () => {
  const many = new Map([["q1", new Set(Array.from({ length: 20 }, (_, i) => `r${i}`))]]);
  const ranked = (holds: (i: number) => boolean, count: number) =>
    Array.from({ length: count }, (_, i) => pair("q1", holds(i) ? `r${i}` : `x${i}`, 1 - i / 100));
  it("is the recall down to the last score where precision holds", () => {
    // one false pair at rank 11: 11/12 = .917 holds; a second at rank 13 ends it: 11/13
    const pairs = ranked((i) => i !== 10 && i < 12, 15);
    expect(rankingFigures(rankPairs(pairs, ["q1"], many)).recallAtP90).toBeCloseTo(11 / 20, 10);
  });
  it("is 0 where precision never holds", () => {
    expect(
      rankingFigures(
        rankPairs(
          ranked((i) => i > 0, 5),
          ["q1"],
          many,
        ),
      ).recallAtP90,
    ).toBe(0);
  });
});

describe("best F1", () => {
  it("is the best over all thresholds, with the threshold", () => {
    const { bestF1, bestScore } = figuresOf([
      pair("q1", "r1", 0.9),
      pair("q3", "r1", 0.8),
      pair("q2", "r2", 0.7),
      pair("q3", "r2", 0.6),
    ]);
    // at .7: 2 right of 3 called, of 3 true: 2 · 2 / (3 + 3)
    expect(bestF1).toBeCloseTo(2 / 3, 10);
    expect(bestScore).toBe(0.7);
  });
});

describe("weights", () => {
  it("count a query's pairs and truth as often as they say", () => {
    const pairs = [pair("q1", "r1", 0.9), pair("q3", "r1", 0.8), pair("q2", "r2", 0.7)];
    const weighted = rankingFigures(rankPairs(pairs, ids, truth), Float64Array.of(2, 0, 1));
    const copy = { ...pair("q1", "r1", 0.9), queryId: "q1b" };
    const repeated = rankPairs(
      [pairs[0], copy, pairs[1]].filter((one) => one !== undefined),
      ["q1", "q1b", "q3"],
      new Map([...truth, ["q1b", new Set(["r1"])]]),
    );
    expect(weighted).toEqual(rankingFigures(repeated));
  });
});

it("the curve has a point for every distinct score", () => {
  const pairs = [pair("q1", "r1", 0.9), pair("q3", "r1", 0.5), pair("q2", "r2", 0.5)];
  expect(precisionRecallCurve(rankPairs(pairs, ids, truth))).toEqual([
    { score: 0.9, precision: 1, recall: 1 / 3 },
    { score: 0.5, precision: 2 / 3, recall: 2 / 3 },
  ]);
});
