// Many clients of the flooding tenant side by side, each asking one thing after another. Who is refused comes back
// after the time that it was told, and later each time: what does not would only keep this machine's own cores busy,
// which a real edge has thousands of.

import { setTimeout as later } from "node:timers/promises";
import type { Arena } from "./arena.ts";

export interface Flood {
  kind: string;
  /** Until the signal fires; how often it was refused. */
  run(arena: Arena, random: () => number, signal: AbortSignal): Promise<{ refused: number }>;
}

const LONGEST_WAIT_MS = 8000;
/** Until all have begun. The local edge is one thread, to which a hundred requests in one moment are a second's work. */
const RAMP_MS = 4000;
/** After an answer, which a flood's client has to read, too. */
const PAUSE_MS = 100;

export async function lanes(
  count: number,
  signal: AbortSignal,
  step: (lane: number) => Promise<Response>,
  rampMs = RAMP_MS,
): Promise<{ refused: number }> {
  let refused = 0;
  const lane = async (_: unknown, number: number) => {
    let refusals = 0;
    await later((number / count) * rampMs, undefined, { signal }).catch(() => {});
    while (!signal.aborted) {
      try {
        const response = await step(number);
        await response.text();
        if (!response.ok) refused++;
        refusals = response.ok ? 0 : refusals + 1;
        const toldMs = Number(response.headers.get("retry-after") ?? 1) * 1000;
        const waitMs = refusals === 0 ? PAUSE_MS : Math.min(LONGEST_WAIT_MS, toldMs * 2 ** (refusals - 1));
        await later(waitMs, undefined, { signal });
      } catch {
        // Cut off, by the flood's end or by the service, which then has a moment's rest.
        await later(PAUSE_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: count }, lane));
  return { refused };
}
