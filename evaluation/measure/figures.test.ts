import { describe, expect, it } from "vitest";
import type { QueryLabels, SetLabels } from "../set-labels.ts";
import { costFigures } from "./costs.ts";
import { methodFigures } from "./figures.ts";
import type { Finding } from "./judged-queries.ts";
import type { Box } from "./segments.ts";

const box: Box = { query: { start_s: 0, end_s: 10 }, reference: { start_s: 0, end_s: 10 } };
const copy = (edit: string, group: string): QueryLabels => ({ edit, edits: null, group, negative: null });

/** r1 and r2 show one scene, r3 another. q1 and q2 are copies, n1 shows r1's scene, n2 nothing that is known. */
const labels: SetLabels = {
  truth: new Map([
    ["q1", new Map([["r1", [box]]])],
    ["q2", new Map([["r3", [box]]])],
  ]),
  queries: new Map([
    ["q1", copy("crop", "scene")],
    ["q2", copy("chain", "other")],
    ["n1", { edit: "crop", edits: null, group: "scene", negative: "same_scene" }],
    ["n2", { edit: "chain", edits: null, group: null, negative: "unrelated" }],
  ]),
  groupOf: new Map([
    ["r1", "scene"],
    ["r2", "scene"],
    ["r3", "other"],
  ]),
  remarks: [],
};
const ids = [...labels.queries.keys()];
const finding = (
  queryId: string,
  referenceId: string,
  score: number,
  said: "copy" | "review" | "unique" = "copy",
): Finding => ({
  queryId,
  referenceId,
  score,
  called: said === "copy",
  review: said === "review",
  segments: [box],
});
const findings = [
  finding("q1", "r2", 0.95),
  finding("q1", "r1", 0.9),
  finding("n1", "r1", 0.8),
  finding("q2", "r3", 0.5, "review"),
  finding("n2", "r3", 0.4, "review"),
];
const values = (group: { figures: Record<string, { value: number }> }) =>
  Object.fromEntries(Object.entries(group.figures).map(([name, { value }]) => [name, value]));

describe("figures of a method", () => {
  const { overall, byEdit, bestScore } = methodFigures("ours", findings, ids, labels);
  it("ranks all pairs, and again without the same scene's references", () => {
    // true pairs at ranks 2 and 4; without q1–r2 and n1–r1 at ranks 1 and 2
    expect(values(overall).micro_ap).toBeCloseTo((1 / 2 + 2 / 4) / 2, 10);
    expect(values(overall).micro_ap_without_same_scene).toBe(1);
    expect(bestScore).toBe(0.5);
  });
  it("takes precision, recall and F1 over pairs that were called copies", () => {
    expect(values(overall)).toMatchObject({ precision: 1 / 3, recall: 1 / 2, f1: 0.4 });
  });
  it("counts false positives by query, apart for the unrelated and the same scene", () => {
    expect(values(overall)).toMatchObject({
      false_positives: 1 / 2,
      false_positives_unrelated: 0,
      false_positives_same_scene: 1,
      // q1–r2, n1–r1 and n1–r2 could have been called, two were
      same_scene_pairs_called: 2 / 3,
      negatives_to_review: 1 / 2,
      copies_to_review: 1 / 2,
    });
  });
  it("averages segment figures over queries, missed ones with precision 1 and recall 0", () => {
    expect(values(overall)).toMatchObject({ segment_precision: 1, segment_recall: 1 / 2 });
    expect(values(overall).segment_f1).toBeCloseTo(2 / 3, 10);
  });
  it("compares an edit's copies with all negatives, and lists chains last", () => {
    expect(byEdit.map(({ edit, copies, negatives }) => [edit, copies, negatives])).toEqual([
      ["crop", 1, 1],
      ["chain", 1, 1],
    ]);
    // crop: r1 at rank 2. chain: r3 after n1's alarm.
    expect(byEdit.map((group) => values(group).micro_ap)).toEqual([1 / 2, 1 / 2]);
    expect(byEdit.map((group) => values(group).false_positives)).toEqual([1, 0]);
    expect(byEdit.map((group) => values(group).recall)).toEqual([1, 0]);
  });
  it("gives an interval around every value", () => {
    for (const { value, low, high } of Object.values(overall.figures)) {
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
    }
  });
  it("leaves out times and reviews that a method does not report", () => {
    const silent = findings.map((one) => ({ ...one, review: null, segments: null }));
    const figures = values(methodFigures("baseline", silent, ids, labels).overall);
    expect(figures.segment_f1).toBeNaN();
    expect(figures.negatives_to_review).toBeNaN();
  });
});

it("costs: nearest-rank median and p95, and bytes a minute", () => {
  const timings = Array.from({ length: 20 }, (_, i) => ({ decode: i + 1, embed: 100 }));
  expect(costFigures(timings, { bytes: 500, seconds: 30 })).toEqual({
    queryMs: { median: 110, p95: 119 },
    byStageMs: { decode: { median: 10, p95: 19 }, embed: { median: 100, p95: 100 } },
    bytesAMinute: 1000,
  });
  expect(costFigures([], { bytes: 0, seconds: 0 })).toEqual({
    queryMs: null,
    byStageMs: {},
    bytesAMinute: null,
  });
});
