import { describe, expect, it } from "vitest";
import { evaluationOf, type Said } from "../testing-evaluation.ts";
import { compareRuns } from "./compare-runs.ts";
import { readStoredRun, type StoredRun, storedRun } from "./stored-run.ts";

const found = (query: string, reference: string, score = 0.9): Said => ({
  query,
  reference,
  score,
  verdict: score >= 0.65 ? "duplicate" : "review",
});
/** Stored and read again, as `--save-baseline` and `--compare` do. */
function runOf(said: Said[]): StoredRun {
  const { evaluation, checked, labels } = evaluationOf(said);
  return readStoredRun(JSON.stringify(storedRun(evaluation, checked, labels)), "run.json");
}
const both = runOf([found("q1", "r1"), found("q2", "r2")]);
const worse = runOf([found("q1", "r1"), found("q2", "r2", 0.4), found("n1", "r1", 0.8)]);

describe("a stored run", () => {
  it("keeps each query's outcome", () => {
    expect(worse.queries).toEqual({
      q1: { right: ["r1"], wrong: [], missed: [], review: [] },
      q2: { right: [], wrong: [], missed: ["r2"], review: ["r2"] },
      n1: { right: [], wrong: ["r1"], missed: [], review: [] },
    });
  });
  it.each(["", "{}", '{"format":"twinframe-evaluation/0"}', "null"])("is not read from %j", (text) => {
    expect(() => readStoredRun(text, "x.json")).toThrow(/x\.json is no run .* save one anew/);
  });
});

describe("comparison", () => {
  it("lists lost and gained pairs, and fails when figures fell", () => {
    const { text, fallen } = compareRuns(both, worse, 0.01);
    expect(fallen).toEqual(["micro_ap", "f1"]);
    expect(text).toMatch(/newly lost: 1\n {2}q2 – r2/);
    expect(text).toMatch(/new false alarms: 1\n {2}n1 – r1/);
    expect(text).toMatch(/verdict F1 +1\.000 +\.500 +-\.500/);
    expect(text).not.toMatch(/newly found/);
  });
  it("passes when figures rose", () => {
    const { text, fallen } = compareRuns(worse, both, 0.01);
    expect(fallen).toEqual([]);
    expect(text).toMatch(/newly found: 1\n {2}q2 – r2/);
    expect(text).toMatch(/false alarms no more: 1/);
    expect(text).toMatch(/crop +\+\.\d+ +\+\.500/);
  });
  it("lets a fall within the tolerance pass, and says nothing changed when nothing did", () => {
    expect(compareRuns(both, worse, 0.5).fallen).toEqual([]);
    expect(compareRuns(both, both, 0).text).not.toMatch(/newly|alarms|differ:/);
  });
  it("reports that the sets differ", () => {
    const { n1: _, ...queries } = worse.queries;
    expect(compareRuns(both, { ...worse, queries }, 1).text).toMatch(/2 of 3 queries are in both/);
  });
});
