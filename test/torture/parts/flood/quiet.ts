// The tenant that must notice nothing: a check, a short pause, and the next one.

import { setTimeout as later } from "node:timers/promises";
import type { Arena } from "./arena.ts";

const LEAST_PAUSE_MS = 50;
const MORE_PAUSE_MS = 150;
/** Longer than any of its checks may take: a verdict later is none. */
const PREFER = "wait=60";

export interface QuietOutcome {
  latenciesMs: number[];
  /** Answers that were no verdict. */
  refused: string[];
}

export async function quietChecks(
  { ask, quietKey, clips }: Arena,
  count: number,
  random: () => number,
  signal: AbortSignal,
): Promise<QuietOutcome> {
  const outcome: QuietOutcome = { latenciesMs: [], refused: [] };
  for (let i = 0; i < count && !signal.aborted; i++) {
    const body = clips[Math.floor(random() * clips.length)]!;
    const startedMs = performance.now();
    const response = await ask("/v1/checks", {
      key: quietKey,
      body,
      type: "video/mp4",
      prefer: PREFER,
      signal,
    });
    const text = await response.text();
    outcome.latenciesMs.push(performance.now() - startedMs);
    if (response.status !== 200) outcome.refused.push(`${response.status} ${text.slice(0, 200)}`);
    await later(LEAST_PAUSE_MS + random() * MORE_PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  return outcome;
}

/** By nearest rank. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}
