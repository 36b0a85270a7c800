// One part of the campaign, from its first case to its figures.

import { join } from "node:path";
import pMap from "p-map";
import type { CaseRecords } from "./case-records.ts";
import { keepFailed } from "./keep-failed.ts";
import type { CaseResult, Part, RunningPart } from "./part.ts";
import { seededRandom } from "./seeded-random.ts";

export interface PartRun {
  seed: number;
  /** Of the seed: records, failures, the parts' own files. */
  folder: string;
  indices: number[];
  records: CaseRecords;
  commit: string;
  /** Ends the part: time is up, or the person has had enough. */
  signal: AbortSignal;
  log(line: string): void;
  /** After each case: how many have failed so far. */
  onCase(failed: number): void;
}

export interface PartOutcome {
  part: string;
  ran: number;
  failed: number;
  /** Why it could not go on; null when it could. */
  fault: string | null;
  figures: Record<string, string | number>;
  ms: number;
}

export async function runPart(part: Part, run: PartRun): Promise<PartOutcome> {
  const startedMs = performance.now();
  const outcome: PartOutcome = { part: part.name, ran: 0, failed: 0, fault: null, figures: {}, ms: 0 };
  let running: RunningPart | undefined;
  try {
    const { seed, signal, log } = run;
    running = await part.open({ seed, folder: join(run.folder, "parts", part.name), signal, log });
    const opened = running;
    const runOne = async (index: number) => {
      if (!signal.aborted) await runCase(part, opened, index, run, outcome);
    };
    await pMap(run.indices, runOne, { concurrency: part.atOnce ?? 1 });
    outcome.figures = (await running.figures?.()) ?? {};
  } catch (error) {
    outcome.fault = `${error instanceof Error ? (error.stack ?? error.message) : error}`;
  } finally {
    await running?.close();
  }
  return { ...outcome, ms: performance.now() - startedMs };
}

async function runCase(
  part: Part,
  running: RunningPart,
  index: number,
  { seed, folder, records, commit, signal, onCase }: PartRun,
  outcome: PartOutcome,
): Promise<void> {
  const startedMs = performance.now();
  const result = await running
    .run(index, seededRandom(seed, part.name, index), signal)
    .catch((error): CaseResult => ({ kind: "threw", held: false, detail: String(error?.stack ?? error) }));
  // What was cut off says nothing.
  if (signal.aborted) return;
  outcome.ran++;
  if (!result.held) {
    outcome.failed++;
    keepFailed(folder, { part: part.name, seed, index, result });
  }
  const { kind, held, detail } = result;
  const ms = Math.round(performance.now() - startedMs);
  records.add({ index, kind, held, ...(detail === undefined ? {} : { detail }), ms, commit });
  onCase(outcome.failed);
}
