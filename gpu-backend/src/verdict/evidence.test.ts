import {
  DEFAULT_POLICY,
  EVIDENCE_CANDIDATES,
  EVIDENCE_SEGMENTS,
  evidenceSchema,
  type Segment,
} from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import { evidenceOf, judgeEvidence } from "./evidence.ts";

const policy = DEFAULT_POLICY.visual;
const segment = (startS: number, score: number): Segment => ({
  query: { start_s: startS, end_s: startS + 2.00049 },
  reference: { start_s: startS, end_s: startS + 2.00049 },
  score,
  speed: 1,
  mirrored: false,
});
const candidate = (referenceId: string, ...segments: Segment[]) => ({
  referenceId,
  durationS: 60.00049,
  segments,
});

describe("evidence", () => {
  it("has the best candidates and their surest segments, in order and rounded", () => {
    const many = Array.from({ length: 30 }, (_, i) => segment(2 * i, 0.1 + (i % 7) / 10));
    const candidates = Array.from({ length: 14 }, (_, i) => candidate(`r${i}`, segment(0, i / 20)));
    const told = evidenceOf([...candidates, candidate("many", ...many)], { durationS: 60.00049 });
    expect(evidenceSchema.parse(told)).toEqual(told);
    expect(told.query_duration_s).toBe(60);
    expect(told.candidates).toHaveLength(EVIDENCE_CANDIDATES);
    expect(told.candidates.slice(0, 3).map(({ reference_id }) => reference_id)).toEqual([
      "many",
      "r13",
      "r12",
    ]);
    const { segments = [] } = told.candidates[0] ?? {};
    expect(segments).toHaveLength(EVIDENCE_SEGMENTS);
    expect(Math.min(...segments.map(({ score }) => score))).toBeCloseTo(0.3, 6);
    const starts = segments.map(({ query }) => query.start_s);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(segments[0]?.query.end_s).toBe(Number(((segments[0]?.query.start_s ?? 0) + 2).toFixed(2)));
  });

  it("leaves out segments that no threshold would count, and candidates without others", () => {
    const told = evidenceOf([candidate("a", segment(0, 0.01)), candidate("b")], { durationS: 0.0001 });
    expect(told).toEqual({ query_duration_s: 0.001, candidates: [] });
  });
});

describe("a judgement", () => {
  const evidence = evidenceOf(
    [candidate("long", segment(0, 0.5), segment(10, 0.5)), candidate("sure", segment(4, 0.9))],
    { durationS: 3 },
  );
  it.each([
    [{}, { verdict: "duplicate", reference_id: "sure", score: 0.9 }],
    [{ duplicate_query_coverage: 1 }, { verdict: "partial_copy", reference_id: "sure", score: 0.9 }],
    [{ copy_score: 0.95 }, { verdict: "review", reference_id: "sure", score: 0.9 }],
    [
      { copy_score: 0.95, review_score: 0.92 },
      { verdict: "unique", reference_id: null, score: 0 },
    ],
  ])("with %j", (changed, expected) => {
    expect(judgeEvidence(evidence, { ...policy, ...changed })).toEqual(expected);
  });
});
