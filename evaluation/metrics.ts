// Figures of a labelled run.

export interface ScoredPair {
  queryId: string;
  referenceId: string;
  score: number;
}

export type Truth = ReadonlyMap<string, ReadonlySet<string>>;

const isTrue = (truth: Truth, pair: Pick<ScoredPair, "queryId" | "referenceId">) =>
  truth.get(pair.queryId)?.has(pair.referenceId) ?? false;

/**
 * Micro average precision over all pairs of all queries ranked together (the VSC22 challenge's measure): the
 * area under precision against recall, summed over distinct scores so that ties have no order.
 */
export function microAveragePrecision(pairs: readonly ScoredPair[], truth: Truth): number {
  let positives = 0;
  for (const references of truth.values()) positives += references.size;
  if (positives === 0) return Number.NaN;
  const ranked = [...pairs].sort((a, b) => b.score - a.score);
  let found = 0;
  let area = 0;
  for (let i = 0; i < ranked.length; ) {
    const score = (ranked[i] as ScoredPair).score;
    const before = found;
    for (; i < ranked.length && (ranked[i] as ScoredPair).score === score; i++)
      if (isTrue(truth, ranked[i] as ScoredPair)) found++;
    area += ((found - before) / positives) * (found / i);
  }
  return area;
}

export interface VerdictFigures {
  precision: number;
  recall: number;
  f1: number;
  /** Share of the queries without a true pair that were called copies. */
  falsePositiveRate: number;
}

/** `called` are the pairs that a verdict of duplicate or partial copy named. */
export function verdictFigures(
  called: readonly Pick<ScoredPair, "queryId" | "referenceId">[],
  queryIds: readonly string[],
  truth: Truth,
): VerdictFigures {
  const right = called.filter((pair) => isTrue(truth, pair)).length;
  let positives = 0;
  for (const references of truth.values()) positives += references.size;
  const precision = called.length === 0 ? 1 : right / called.length;
  const recall = positives === 0 ? Number.NaN : right / positives;
  const negatives = queryIds.filter((id) => (truth.get(id)?.size ?? 0) === 0);
  const calledIds = new Set(called.map(({ queryId }) => queryId));
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    falsePositiveRate:
      negatives.length === 0
        ? Number.NaN
        : negatives.filter((id) => calledIds.has(id)).length / negatives.length,
  };
}
