// The campaign's table: a line a part, then what failed.

import { plainTable } from "@twinframe/evaluation/table";
import type { CaseRecord } from "./case-records.ts";
import { replayCommand } from "./keep-failed.ts";
import type { PartOutcome } from "./run-part.ts";

export interface PartResult {
  outcome: PartOutcome;
  /** All of the seed, earlier runs' as well. */
  records: CaseRecord[];
  cases: number;
}

const MAX_FAILURES_SHOWN = 20;
const HEAD = ["part", "cases", "held", "failed", "kinds", "time", "figures"];

const minutes = (ms: number) =>
  ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;

function cells({ outcome, records, cases }: PartResult): string[] {
  const failed = records.filter(({ held }) => !held).length;
  const figures = Object.entries(outcome.figures).map(([name, value]) => `${name} ${value}`);
  return [
    outcome.part,
    `${records.length} of ${cases}`,
    String(records.length - failed),
    String(failed),
    String(new Set(records.map(({ kind }) => kind)).size),
    minutes(records.reduce((sum, { ms }) => sum + ms, 0)),
    outcome.fault === null ? figures.join(", ") : "could not go on (see below)",
  ];
}

export function campaignTable(results: PartResult[], seed: number): string {
  const rows = [HEAD, ...results.map(cells)];
  const lines = plainTable(rows, { align: HEAD.map(() => "left") }).split("\n");
  const commits = new Set(results.flatMap(({ records }) => records.map(({ commit }) => commit)));
  return [
    lines[0],
    "─".repeat(lines[0]!.length),
    ...lines.slice(1),
    ...(commits.size > 1
      ? [`The results are of ${commits.size} commits; --fresh runs all of them anew.`]
      : []),
    ...results.flatMap(({ outcome, records }) => [
      ...(outcome.fault === null ? [] : [`${outcome.part} could not go on: ${outcome.fault}`]),
      ...failures(outcome.part, records, seed),
    ]),
  ].join("\n");
}

function failures(part: string, records: CaseRecord[], seed: number): string[] {
  const failed = records.filter(({ held }) => !held);
  const byKind = Map.groupBy(failed, ({ kind }) => kind);
  const counts = [...byKind].map(([kind, { length }]) => `${kind} ${length}`).join(", ");
  return [
    ...(failed.length > 0 ? [`${part} failed: ${counts}`] : []),
    ...failed
      .slice(0, MAX_FAILURES_SHOWN)
      .map(
        ({ index, kind, detail = "" }) =>
          `  ${replayCommand(part, seed, index)}    ${kind}: ${detail.split("\n")[0]}`,
      ),
    ...(failed.length > MAX_FAILURES_SHOWN ? [`  … and ${failed.length - MAX_FAILURES_SHOWN} more`] : []),
  ];
}
