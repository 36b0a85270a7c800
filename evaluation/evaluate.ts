// npm run evaluate: runs labelled videos through the product's pipeline and says how well it did.

import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { runBaselines } from "./baselines/run-baselines.ts";
import { type CheckedSet, checkSet } from "./check-set.ts";
import { compareRuns } from "./compare/compare-runs.ts";
import { readStoredRun, type StoredRun, storedRun } from "./compare/stored-run.ts";
import { type EvaluateOptions, evaluateOptions } from "./evaluate-options.ts";
import { runExplain } from "./explain/run-explain.ts";
import { figuresText } from "./figures-text.ts";
import { runLabelled } from "./labelled/run-labelled.ts";
import { type EvaluationLibrary, openEvaluationLibrary } from "./library.ts";
import { matchesCsv } from "./matches-csv.ts";
import { makeReport } from "./report/make-report.ts";
import { evaluateSet, findingsOf } from "./set-evaluation.ts";
import { userPath } from "./user-path.ts";
import { type LabelledSet, readVideoSet } from "./video-set.ts";

async function runSet(folder: string, options: EvaluateOptions): Promise<void> {
  const set = readVideoSet(folder);
  const { labels } = set;
  const { out, report, save, compare, atOnce } = options;
  if (!labels && (report ?? save ?? compare) !== null)
    throw new Error(`${folder} has no ground_truth.csv: --report, --save-baseline and --compare need labels`);
  // Read now: a file that cannot be used should not be told of after an hour.
  const before = compare === null ? null : readStoredRun(readFileSync(compare, "utf8"), compare);
  const library = await openEvaluationLibrary();
  try {
    const run = await checkSet(set, library, atOnce);
    if (out !== null) writeFileSync(out, matchesCsv(run.checked));
    if (labels) await sayFigures(basename(folder), { ...set, labels }, run, library, before, options);
    else {
      const called = findingsOf(run.checked).filter((finding) => finding.called);
      console.log(
        `${set.references.length} references, ${set.queries.length} queries, ${called.length} pairs called copies; no ground_truth.csv, so no figures`,
      );
    }
    for (const line of run.unreadable) console.log(`not read: ${line}`);
  } finally {
    await library.close();
  }
}

async function sayFigures(
  name: string,
  set: LabelledSet,
  run: CheckedSet,
  library: EvaluationLibrary,
  before: StoredRun | null,
  { set: folder, report, save, tolerance, atOnce, withBaselines }: EvaluateOptions,
): Promise<void> {
  const { embedder, policy } = library.stages;
  const { id, version } = embedder.manifest;
  const madeAt = new Date().toISOString();
  const header = { set: name, model: { id, version }, policy: { ...policy }, madeAt, atOnce };
  const baselines = withBaselines ? await runBaselines(folder, atOnce, console.log) : [];
  const evaluation = evaluateSet(header, set, run, baselines);
  console.log(figuresText(evaluation));
  const now = storedRun(evaluation, run.checked, set.labels);
  if (save !== null) writeFileSync(save, `${JSON.stringify(now, null, 1)}\n`);
  if (report !== null) writeFileSync(report, await makeReport(evaluation, set, run.checked, library));
  if (before) {
    const { text, fallen } = compareRuns(before, now, tolerance);
    console.log(`\n${text}`);
    if (fallen.length > 0) process.exitCode = 1;
  }
}

try {
  const given = evaluateOptions(process.argv.slice(2));
  const { set, labelled, videos, out, pair, atOnce } = given;
  if (labelled !== null) await runLabelled({ labelled, videos, out });
  else if (pair !== null) {
    const picture = out ?? userPath(`explain-${pair.query}-${pair.reference}.png`);
    await runExplain({ set, pair, out: picture, atOnce });
  } else await runSet(set, given);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
