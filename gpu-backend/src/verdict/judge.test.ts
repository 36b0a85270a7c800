import type { Rule, Verdict } from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import { coveredS, judge } from "./judge.ts";
import { matchOf } from "./match.ts";
import type { Policy } from "./policy.ts";
import { reasonOf } from "./reason.ts";

const POLICY: Policy = {
  review_score: 0.35,
  copy_score: 0.65,
  duplicate_query_coverage: 0.6,
  duplicate_reference_coverage: 0,
  partial_copy_min_s: 2,
};
const segment = (startS: number, endS: number, score: number) => ({
  query: { start_s: startS, end_s: endS },
  reference: { start_s: startS + 5, end_s: endS + 5 },
  score,
  speed: 1,
  mirrored: false,
});
const verdictOf = (segments: ReturnType<typeof segment>[], queryS = 20) =>
  matchOf({ referenceId: "r", durationS: 60, segments }, { durationS: queryS }, POLICY)?.verdict ?? null;

describe("judge", () => {
  it("gives duplicate to a query that copies cover", () => {
    expect(verdictOf([segment(0, 19, 0.95)])).toBe("duplicate");
    expect(verdictOf([segment(0, 7, 0.95), segment(8, 15, 0.9)])).toBe("duplicate");
  });
  it("gives partial_copy to a query that copies cover for at least partial_copy_min_s", () => {
    expect(verdictOf([segment(4, 9, 0.95)])).toBe("partial_copy");
  });
  it("gives review to doubtful and to very short segments", () => {
    expect(verdictOf([segment(0, 19, 0.5)])).toBe("review");
    expect(verdictOf([segment(0, 1, 0.95)])).toBe("review");
  });
  it("does not count seconds of doubtful segments as copied", () => {
    expect(verdictOf([segment(0, 5, 0.95), segment(6, 19, 0.5)])).toBe("partial_copy");
  });
  it("gives no match below the review score", () => {
    expect(verdictOf([segment(0, 19, 0.34)])).toBeNull();
  });
  it("applies the policy's coverage of the reference to a duplicate", () => {
    const policy = { ...POLICY, duplicate_reference_coverage: 0.5 };
    const [query, reference] = [{ durationS: 20 }, { durationS: 60 }];
    const judgedAs = (segments: ReturnType<typeof segment>[], of = reference) => {
      const judgement = judge(segments, query, of, policy);
      return { verdict: judgement.verdict, reason: reasonOf(judgement, query, policy) };
    };
    const covered = "Segments that score as a copy (0.65 or more) cover";
    expect(judgedAs([segment(0, 18, 0.95)])).toEqual({
      verdict: "partial_copy",
      reason: `${covered} 18.0 s of the query's 20.0 s (90 %): a partial copy from 2 s on, but 30 % of the reference, under the 50 % of a duplicate.`,
    });
    expect(judgedAs([segment(0, 18, 0.95)], { durationS: 36 }).verdict).toBe("duplicate");
  });
  it("reports the coverage of query and reference", () => {
    const candidate = { referenceId: "r", durationS: 60, segments: [segment(0, 10, 0.9)] };
    const match = matchOf(candidate, { durationS: 20 }, POLICY);
    expect(match?.visual).toMatchObject({ query_coverage: 0.5, reference_coverage: 0.1667 });
    expect(match?.score).toBe(0.9);
  });
});

describe("the rule that decides", () => {
  const queryS = 20;
  it.each<[Rule, Verdict, ReturnType<typeof segment>[], string]>([
    [
      "segments_cover_query",
      "duplicate",
      [segment(0, 7, 0.95), segment(8, 15, 0.9)],
      "Segments that score as a copy (0.65 or more) cover 14.0 s of the query's 20.0 s (70 %); from 60 % on it is a duplicate.",
    ],
    [
      "segments_long_enough",
      "partial_copy",
      [segment(0, 5, 0.95), segment(6, 19, 0.5)],
      "Segments that score as a copy (0.65 or more) cover 5.0 s of the query's 20.0 s (25 %): a partial copy from 2 s on, but under the 60 % of a duplicate.",
    ],
    [
      "segments_too_short",
      "review",
      [segment(0, 1.5, 0.65), segment(6, 19, 0.5)],
      "Segments that score as a copy (0.65 or more) cover 1.5 s of the query's 20.0 s (7.5 %): under the 60 % of a duplicate and the 2 s of a partial copy.",
    ],
    [
      "score_below_copy",
      "review",
      [segment(0, 19, 0.649999), segment(0, 2, 0.35)],
      "The best segment scores 0.649999: enough to be reviewed (0.35), but below a copy's 0.65.",
    ],
    [
      "score_below_review",
      "unique",
      [segment(0, 2, 0.1), segment(0, 19, 0.2)],
      "The best segment scores 0.200, below the 0.35 from which a segment counts.",
    ],
    [
      "no_segment",
      "unique",
      [],
      "No stretch of the query runs alike with the reference for long enough to be a segment.",
    ],
  ])("%s: %s, and the match says the same", (rule, verdict, segments, sentence) => {
    const judgement = judge(segments, { durationS: queryS }, { durationS: 60 }, POLICY);
    expect(judgement).toMatchObject({ rule, verdict });
    expect(reasonOf(judgement, { durationS: queryS }, POLICY)).toBe(sentence);
    expect(verdictOf(segments, queryS) ?? "unique").toBe(verdict);
  });
});

describe("coveredS", () => {
  it("counts overlapping seconds once", () => {
    const range = (start_s: number, end_s: number) => ({ start_s, end_s });
    expect(coveredS([range(0, 5), range(3, 8), range(4, 6), range(10, 11)])).toBe(9);
    expect(coveredS([])).toBe(0);
  });
});
