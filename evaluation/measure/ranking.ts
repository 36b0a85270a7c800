// All pairs of all queries, ranked together by score, and what is read off the ranking. Queries carry weights, so
// that a bootstrap weighs one ranking anew instead of sorting again.

export interface ScoredPair {
  queryId: string;
  referenceId: string;
  score: number;
}

export type Truth = ReadonlyMap<string, { readonly size: number; has(referenceId: string): boolean }>;

export interface Ranking {
  /** Best first: which query each pair belongs to, and whether it is a true pair. */
  query: Int32Array;
  isTrue: Uint8Array;
  score: Float64Array;
  /** True pairs of each query, found or not. */
  positives: Float64Array;
}

/** One threshold: everything from `score` up is called a copy. */
export interface CurvePoint {
  score: number;
  precision: number;
  recall: number;
}

/** Pairs of queries that are not in `queryIds` are left out. */
export function rankPairs(pairs: readonly ScoredPair[], queryIds: readonly string[], truth: Truth): Ranking {
  const place = new Map(queryIds.map((id, i) => [id, i]));
  const ranked = pairs.filter(({ queryId }) => place.has(queryId)).sort((a, b) => b.score - a.score);
  return {
    query: Int32Array.from(ranked, ({ queryId }) => place.get(queryId) as number),
    isTrue: Uint8Array.from(ranked, ({ queryId, referenceId }) =>
      truth.get(queryId)?.has(referenceId) ? 1 : 0,
    ),
    score: Float64Array.from(ranked, ({ score }) => score),
    positives: Float64Array.from(queryIds, (id) => truth.get(id)?.size ?? 0),
  };
}

const ones = (count: number) => new Float64Array(count).fill(1);

/** Visits every distinct score, best first, with the weight of true pairs and of all pairs down to it. */
function walk(
  { query, isTrue, score }: Ranking,
  weights: Float64Array,
  visit: (found: number, seen: number, score: number) => void,
): void {
  let found = 0;
  let seen = 0;
  for (let i = 0; i < query.length; ) {
    const tied = score[i] as number;
    for (; i < query.length && score[i] === tied; i++) {
      const weight = weights[query[i] as number] as number;
      seen += weight;
      if (isTrue[i]) found += weight;
    }
    if (seen > 0) visit(found, seen, tied);
  }
}

function positivesOf({ positives }: Ranking, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < positives.length; i++) sum += (positives[i] as number) * (weights[i] as number);
  return sum;
}

export interface RankingFigures {
  /**
   * Micro average precision over all pairs of all queries ranked together (the VSC22 challenge's measure): the
   * area under precision against recall, summed over distinct scores so that ties have no order.
   */
  microAp: number;
  /** The highest recall at which precision is at least .9. */
  recallAtP90: number;
  bestF1: number;
  /** The threshold that gives it. */
  bestScore: number;
}

/** NaN without true pairs. */
export function rankingFigures(
  ranking: Ranking,
  weights: Float64Array = ones(ranking.positives.length),
): RankingFigures {
  const positives = positivesOf(ranking, weights);
  if (positives === 0)
    return { microAp: Number.NaN, recallAtP90: Number.NaN, bestF1: Number.NaN, bestScore: Number.NaN };
  const figures = { microAp: 0, recallAtP90: 0, bestF1: 0, bestScore: Number.NaN };
  let before = 0;
  walk(ranking, weights, (found, seen, score) => {
    const precision = found / seen;
    figures.microAp += ((found - before) / positives) * precision;
    before = found;
    if (precision >= 0.9) figures.recallAtP90 = found / positives;
    const f1 = (2 * found) / (seen + positives);
    if (f1 > figures.bestF1) {
      figures.bestF1 = f1;
      figures.bestScore = score;
    }
  });
  return figures;
}

export function precisionRecallCurve(ranking: Ranking): CurvePoint[] {
  const weights = ones(ranking.positives.length);
  const positives = positivesOf(ranking, weights);
  const points: CurvePoint[] = [];
  if (positives > 0)
    walk(ranking, weights, (found, seen, score) => {
      points.push({ score, precision: found / seen, recall: found / positives });
    });
  return points;
}
