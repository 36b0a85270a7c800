// What a reconciliation has found so far.

import { DIFFERENCES, type Difference, MOST_SAMPLES, type ReconcileResult } from "@twinframe/shared/contract";

export type Differences = ReconcileResult["differences"];

export const noDifferences = (): Differences =>
  Object.fromEntries(
    DIFFERENCES.map((name) => [name, { found: 0, repaired: 0, samples: [] as string[] }]),
  ) as unknown as Differences;

/** With these found, and so many of them repaired. */
export function withFound(
  before: Differences,
  name: Difference,
  found: readonly string[],
  repaired: number,
): Differences {
  const { found: count, repaired: mended, samples } = before[name];
  return {
    ...before,
    [name]: {
      found: count + found.length,
      repaired: mended + repaired,
      samples: [...samples, ...found].slice(0, MOST_SAMPLES),
    },
  };
}
