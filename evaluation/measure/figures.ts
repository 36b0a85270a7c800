// The figures of one method on a set, overall and by edit, each with its interval.

import type { SetLabels } from "../set-labels.ts";
import { type Estimate, estimates } from "./bootstrap.ts";
import type { FigureName } from "./figure-names.ts";
import { type Finding, isSameScene, type JudgedQuery, judgeQueries } from "./judged-queries.ts";
import { type CurvePoint, precisionRecallCurve, type Ranking, rankingFigures, rankPairs } from "./ranking.ts";
import { verdictFigures } from "./verdict-figures.ts";

export interface GroupFigures {
  /** Null: all queries. */
  edit: string | null;
  /** Queries that copy something, and negatives, of this edit. */
  copies: number;
  negatives: number;
  /** NaN where the set or the method has nothing to say. */
  figures: Record<FigureName, Estimate>;
}

export interface MethodFigures {
  name: string;
  overall: GroupFigures;
  byEdit: GroupFigures[];
  /** The threshold of the best F1. */
  bestScore: number;
  curve: CurvePoint[];
}

export function methodFigures(
  name: string,
  findings: readonly Finding[],
  queryIds: readonly string[],
  labels: SetLabels,
): MethodFigures {
  const queries = judgeQueries(findings, queryIds, labels);
  const others = findings.filter(({ queryId, referenceId }) => !isSameScene(labels, queryId, referenceId));
  const scenesKnown = queries.some(({ sameScenePairs }) => sameScenePairs > 0);
  const group = (edit: string | null): GroupFigures => {
    const own = (query: JudgedQuery) => edit === null || query.edit === edit;
    const counted = queries.filter((query) => own(query) || query.negative !== null);
    const ids = counted.map(({ id }) => id);
    // An edit's copies are held against all negatives; another edit's copies would add their false pairs only.
    const [all, without] = [findings, others].map((pairs) => rankPairs(pairs, ids, labels.truth)) as [
      Ranking,
      Ranking,
    ];
    const strata = counted.map((query) => `${own(query)} ${query.truePairs > 0} ${query.negative}`);
    const figures = estimates(strata, (weights): Record<FigureName, number> => {
      const { microAp, recallAtP90, bestF1 } = rankingFigures(all, weights);
      return {
        micro_ap: microAp,
        micro_ap_without_same_scene: scenesKnown ? rankingFigures(without, weights).microAp : Number.NaN,
        recall_at_p90: recallAtP90,
        best_f1: bestF1,
        ...verdictFigures(counted, (i) => (own(counted[i] as JudgedQuery) ? (weights[i] as number) : 0)),
      };
    });
    const owned = counted.filter(own);
    return {
      edit,
      copies: owned.filter(({ truePairs }) => truePairs > 0).length,
      negatives: owned.filter(({ negative }) => negative !== null).length,
      figures,
    };
  };
  const edits = new Set(queries.flatMap(({ edit, truePairs }) => (edit && truePairs > 0 ? [edit] : [])));
  const ranking = rankPairs(findings, queryIds, labels.truth);
  return {
    name,
    overall: group(null),
    byEdit: [...edits].sort(chainsLast).map(group),
    bestScore: rankingFigures(ranking).bestScore,
    curve: precisionRecallCurve(ranking),
  };
}

const chainsLast = (a: string, b: string) =>
  Number(a === "chain") - Number(b === "chain") || a.localeCompare(b);
