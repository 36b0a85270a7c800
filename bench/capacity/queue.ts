// Checks that come at random, `servers` of them worked at once, first come first served: how long each waits for
// its turn. Seeded, event by event; no formula stands in for it, since service times are neither alike nor
// exponential and a burst is no steady state.

import { seededRandom } from "@twinframe/gpu-backend/testing/tracks";

export interface Traffic {
  servers: number;
  /** Seconds of work, drawn anew for each check. */
  serviceS: (random: () => number) => number;
  /** Checks a second at a time. */
  rate: (timeS: number) => number;
  /** The greatest rate at any time. */
  greatestRate: number;
  untilS: number;
  /** Waits of checks that come before are not counted: the queue is filling. */
  countFromS: number;
  seed: number;
}

export interface Waits {
  checks: number;
  p50S: number;
  p95S: number;
  p99S: number;
  meanS: number;
  longestS: number;
  /** When the last check that waited more than a second came. */
  lastLongWaitS: number;
}

export function simulateQueue(traffic: Traffic): Waits {
  const random = seededRandom(traffic.seed);
  const free = new EarliestFirst(traffic.servers);
  const waits: number[] = [];
  let lastLongWaitS = 0;
  // Arrivals at the greatest rate, thinned to the rate of the moment: a Poisson process that changes with time.
  for (let timeS = 0; ; ) {
    timeS -= Math.log(1 - random()) / traffic.greatestRate;
    if (timeS > traffic.untilS) break;
    if (random() * traffic.greatestRate > traffic.rate(timeS)) continue;
    const startS = Math.max(timeS, free.earliest);
    free.replaceEarliest(startS + traffic.serviceS(random));
    if (timeS < traffic.countFromS) continue;
    waits.push(startS - timeS);
    if (startS - timeS > 1) lastLongWaitS = timeS;
  }
  const sorted = Float64Array.from(waits).sort();
  const quantile = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return {
    checks: sorted.length,
    p50S: quantile(0.5),
    p95S: quantile(0.95),
    p99S: quantile(0.99),
    meanS: sorted.reduce((sum, wait) => sum + wait, 0) / sorted.length,
    longestS: sorted.at(-1) ?? 0,
    lastLongWaitS,
  };
}

/** When each server is free again, as a heap: the earliest at the top. */
class EarliestFirst {
  readonly #times: Float64Array;

  constructor(servers: number) {
    this.#times = new Float64Array(servers);
  }

  get earliest(): number {
    return this.#times[0] as number;
  }

  replaceEarliest(time: number): void {
    const times = this.#times;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < times.length && (times[child + 1] as number) < (times[child] as number)) child++;
      if (child >= times.length || (times[child] as number) >= time) break;
      times[at] = times[child] as number;
      at = child;
    }
    times[at] = time;
  }
}
