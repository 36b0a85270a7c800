// Figures of the verdicts at the shipped threshold, and of the segments that they name.

import type { FigureName } from "./figure-names.ts";
import type { JudgedQuery } from "./judged-queries.ts";

type VerdictFigures = Omit<
  Record<FigureName, number>,
  "micro_ap" | "micro_ap_without_same_scene" | "recall_at_p90" | "best_f1"
>;

const harmonicMean = (a: number, b: number) => (a + b === 0 ? 0 : (2 * a * b) / (a + b));

/** `weightOf` says how often the i-th query counts. NaN where there is nothing to divide by. */
export function verdictFigures(
  queries: readonly JudgedQuery[],
  weightOf: (i: number) => number,
): VerdictFigures {
  const sum = (value: (query: JudgedQuery) => number) =>
    queries.reduce((total, query, i) => total + weightOf(i) * value(query), 0);
  const share = (among: (query: JudgedQuery) => boolean, holds: (query: JudgedQuery) => boolean) =>
    sum((query) => Number(among(query) && holds(query))) / sum((query) => Number(among(query)));
  const isCalled = ({ called }: JudgedQuery) => called.all > 0;
  const isNegative = ({ negative }: JudgedQuery) => negative !== null;
  const isCopy = ({ truePairs }: JudgedQuery) => truePairs > 0;

  const right = sum(({ called }) => called.right);
  const all = sum(({ called }) => called.all);
  const truePairs = sum((query) => query.truePairs);
  const measured = sum(({ fit }) => Number(fit !== null));
  const segmentPrecision = sum(({ fit }) => fit?.precision ?? 0) / measured;
  const segmentRecall = sum(({ fit }) => fit?.recall ?? 0) / measured;
  return {
    precision: right / all,
    recall: right / truePairs,
    // Also where nothing was called and precision has no value.
    f1: truePairs === 0 ? Number.NaN : (2 * right) / (all + truePairs),
    false_positives: share(isNegative, isCalled),
    false_positives_unrelated: share(({ negative }) => negative === "unrelated", isCalled),
    false_positives_same_scene: share(({ negative }) => negative === "same_scene", isCalled),
    same_scene_pairs_called: sum(({ called }) => called.sameScene) / sum((query) => query.sameScenePairs),
    negatives_to_review: share(
      (query) => isNegative(query) && query.review !== null,
      ({ review }) => review === true,
    ),
    copies_to_review: share(
      (query) => isCopy(query) && query.review !== null,
      ({ review }) => review === true,
    ),
    segment_precision: segmentPrecision,
    segment_recall: segmentRecall,
    segment_f1: harmonicMean(segmentPrecision, segmentRecall),
  };
}
