// 95 % intervals by resampling queries (percentile bootstrap), seeded: the same run gives the same interval.

import { Random } from "../copies/random.ts";

const ROUNDS = 800;
const SEED = 20_240_601;

export interface Estimate {
  value: number;
  /** The middle 95 % of the resampled values; both NaN where the value is. */
  low: number;
  high: number;
}

/**
 * How often each query is drawn, one vector a round. Queries of one stratum are drawn for one another only, so
 * that no round is without copies or without negatives.
 */
export function resamplings(strata: readonly (string | number)[], rounds = ROUNDS): Float64Array[] {
  const members = [...Map.groupBy(strata.keys(), (i) => strata[i]).values()];
  const random = new Random(SEED, "bootstrap");
  return Array.from({ length: rounds }, () => {
    const weights = new Float64Array(strata.length);
    for (const queries of members)
      for (let draw = 0; draw < queries.length; draw++) {
        const i = queries[random.integer(0, queries.length - 1)] as number;
        weights[i] = (weights[i] as number) + 1;
      }
    return weights;
  });
}

function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (at - Math.floor(at)) * (above - below);
}

/** Every figure of `measure` with its interval. */
export function estimates<Name extends string>(
  strata: readonly (string | number)[],
  measure: (weights: Float64Array) => Record<Name, number>,
  rounds = ROUNDS,
): Record<Name, Estimate> {
  const values = measure(new Float64Array(strata.length).fill(1));
  const drawn = resamplings(strata, rounds).map(measure);
  const estimate = (name: Name): Estimate => {
    const resampled = Float64Array.from(drawn, (figures) => figures[name])
      .filter((value) => !Number.isNaN(value))
      .sort();
    if (Number.isNaN(values[name]) || resampled.length === 0)
      return { value: values[name], low: Number.NaN, high: Number.NaN };
    return { value: values[name], low: quantile(resampled, 0.025), high: quantile(resampled, 0.975) };
  };
  const names = Object.keys(values) as Name[];
  return Object.fromEntries(names.map((name) => [name, estimate(name)])) as Record<Name, Estimate>;
}
