// Watches one service and starts it again when it ends or no longer answers, each time a little later.

import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "./service.ts";
import { describeEnding } from "./service-run.ts";

export interface KeepRunningOptions {
  /** Whether it still answers at all. May throw. */
  answers: () => Promise<boolean>;
  log: (line: string) => void;
  /** Ends the watch; the service itself is left as it is. */
  signal: AbortSignal;
  /** Others for tests. */
  times?: typeof TIMES;
}

export const TIMES = {
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  /** A crash sooner than this after the last one adds to the count. */
  quickCrashMs: 60_000,
  crashesUntilGivenUp: 5,
  probeEveryMs: 15_000,
  probeAgainMs: 3_000,
  missedProbes: 3,
};

export async function keepRunning(
  service: Service,
  options: KeepRunningOptions,
): Promise<"stopped" | "given up"> {
  const { log, signal, times = TIMES } = options;
  let crashes = 0;
  let runningSince = Date.now();
  let broken = await untilBroken(service, options);
  while (broken !== null) {
    crashes = Date.now() - runningSince < times.quickCrashMs ? crashes + 1 : 1;
    log(`The ${service.name} ${broken}`);
    if (crashes >= times.crashesUntilGivenUp) {
      log(`The ${service.name} failed ${crashes} times in a row: giving up. Its log: ${service.logFile}`);
      return "given up";
    }
    const delay = Math.min(times.longestDelayMs, times.firstDelayMs * 2 ** (crashes - 1));
    log(`Starting the ${service.name} again in ${delay / 1000} s.`);
    await pause(delay, signal);
    if (signal.aborted) return "stopped";
    runningSince = Date.now();
    try {
      await service.restart();
      log(`The ${service.name} is back.`);
      broken = await untilBroken(service, options);
    } catch (error) {
      broken = signal.aborted ? null : `did not start again. ${(error as Error).message}`;
    }
  }
  return "stopped";
}

/** What happened to it, as the rest of a sentence; null when the watch was ended first. */
async function untilBroken(service: Service, options: KeepRunningOptions): Promise<string | null> {
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const ended = service.ended.then((ending) =>
    ending.wanted
      ? null
      : `ended by itself (${describeEnding(ending)}). Its last lines:\n${service.logTail()}`,
  );
  try {
    return await Promise.race([ended, untilSilent(options, signal), untilAborted(options.signal)]);
  } finally {
    over.abort();
  }
}

/** A process may live on and serve nothing: wrangler does, when its runtime has crashed. */
async function untilSilent(options: KeepRunningOptions, signal: AbortSignal): Promise<string | null> {
  const { answers, times = TIMES } = options;
  let missed = 0;
  while (!signal.aborted) {
    await pause(missed === 0 ? times.probeEveryMs : times.probeAgainMs, signal);
    if (signal.aborted) break;
    missed = (await answers().catch(() => false)) ? 0 : missed + 1;
    if (missed >= times.missedProbes) return "runs but no longer answers.";
  }
  return null;
}

function untilAborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((done) => signal.addEventListener("abort", () => done(null), { once: true }));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
