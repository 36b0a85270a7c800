// Parts one after the other, each with its share of the time that is left.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { withProgress } from "@twinframe/evaluation/progress";
import type { CampaignOptions } from "./campaign-options.ts";
import type { PartResult } from "./campaign-table.ts";
import { CaseRecords } from "./case-records.ts";
import { chooseCases } from "./choose-cases.ts";
import type { Part } from "./part.ts";
import { runPart } from "./run-part.ts";

export interface CampaignContext {
  load(name: string): Promise<{ part: Part }>;
  /** Where results are kept between runs. */
  folder: string;
  commit: string;
  signal: AbortSignal;
  log(line: string): void;
  withProgress: typeof withProgress;
}

const MINUTE_MS = 60_000;

/** A slice and a replay keep nothing between runs: they are to run their cases each time. */
export async function runCampaign(options: CampaignOptions, context: CampaignContext): Promise<PartResult[]> {
  const { seed, choice, minutes } = options;
  const keeps = !choice.slice && choice.only === null;
  const folder = keeps
    ? join(context.folder, `seed-${seed}`)
    : mkdtempSync(join(tmpdir(), "twinframe-torture-"));
  const endsAtMs = minutes === null ? null : Date.now() + minutes * MINUTE_MS;
  const results: PartResult[] = [];
  try {
    for (const [done, name] of options.parts.entries()) {
      if (context.signal.aborted) break;
      const { part } = await context.load(name);
      const records = new CaseRecords(join(folder, `${name}.jsonl`), options);
      const indices = records.left(chooseCases(part, choice));
      const time = partTime(endsAtMs, options.parts.length - done);
      const signal = AbortSignal.any([context.signal, ...(time ? [time] : [])]);
      context.log(`${name}: ${part.about} (${indices.length} cases to run)`);
      const { commit, log } = context;
      const outcome =
        indices.length === 0
          ? { part: name, ran: 0, failed: 0, fault: null, figures: {}, ms: 0 }
          : await context.withProgress(name, indices.length, (step) => {
              const onCase = (failed: number) => step(`${failed} failed`);
              return runPart(part, { seed, folder, indices, records, commit, signal, log, onCase });
            });
      results.push({ outcome, records: records.all, cases: part.cases });
    }
  } finally {
    const failed = results.some(({ outcome, records }) => outcome.fault || records.some(({ held }) => !held));
    if (failed) context.log(`What failed is kept in ${join(folder, "failed")}.`);
    else if (!keeps) rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

function partTime(endsAtMs: number | null, partsLeft: number): AbortSignal | null {
  if (endsAtMs === null) return null;
  return AbortSignal.timeout(Math.max(1, Math.round((endsAtMs - Date.now()) / partsLeft)));
}
