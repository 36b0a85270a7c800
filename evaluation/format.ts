// Numbers as tables show them.

import type { Estimate } from "./measure/bootstrap.ts";

export const NONE = "–";

/** .921, 1.000; a dash where there is nothing to say. */
export function share(value: number): string {
  return Number.isNaN(value) ? NONE : value.toFixed(3).replace(/^(-?)0\./, "$1.");
}

/** .90–.94 */
export function interval({ low, high }: Estimate): string {
  const short = (value: number) => value.toFixed(2).replace(/^0\./, ".");
  return Number.isNaN(low) ? "" : `${short(low)}–${short(high)}`;
}

/** .921 (.90–.94) */
export function estimateText(estimate: Estimate): string {
  const range = interval(estimate);
  return range === "" ? share(estimate.value) : `${share(estimate.value)} (${range})`;
}

export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} bytes`;
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}
