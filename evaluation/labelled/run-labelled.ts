// npm run evaluate -- --labelled FILE.csv --videos DIR: each video is checked against those before it, and joins
// the library when it is found unique, as at a service that watches uploads come in.

import { readFileSync, writeFileSync } from "node:fs";
import { csvLine } from "../csv.ts";
import { estimateText } from "../format.ts";
import { type EvaluationLibrary, openEvaluationLibrary } from "../library.ts";
import { withProgress } from "../progress.ts";
import { plainTable } from "../table.ts";
import { isCopy, shippedVerdict } from "../verdicts.ts";
import { videosIn } from "../video-set.ts";
import { type LabelledVideo, readLabelledCsv } from "./labelled-csv.ts";
import {
  LABELLED_FIGURES,
  type LabelledFigure,
  type LabelledOutcome,
  labelledFigures,
} from "./labelled-figures.ts";

export interface LabelledOptions {
  labelled: string;
  videos: string;
  out: string | null;
}

export async function runLabelled({ labelled, videos, out }: LabelledOptions): Promise<void> {
  const rows = readLabelledCsv(readFileSync(labelled, "utf8"));
  const files = new Map(videosIn(videos).map(({ id, file }) => [id, file]));
  const present = rows.filter(({ id }) => files.has(id));
  if (present.length === 0)
    throw new Error(
      `none of the ${rows.length} videos is in ${videos}: name each file by its uuid, such as ${rows[0]?.id ?? "UUID"}.mp4`,
    );
  const missing = rows.length - present.length;
  if (missing > 0) console.log(`${missing} of ${rows.length} videos are not in ${videos} and were skipped`);
  const unreadable: string[] = [];
  const library = await openEvaluationLibrary();
  let outcomes: LabelledOutcome[];
  try {
    outcomes = await inOrder(present, files, library, unreadable);
  } finally {
    await library.close();
  }
  if (out !== null) writeFileSync(out, rowsOf(outcomes));
  // Nobody can find a copy of what is not there.
  const fair = outcomes.filter(({ video }) => video.duplicateFor === null || files.has(video.duplicateFor));
  console.log(textOf(fair, outcomes.length - fair.length));
  for (const line of unreadable) console.log(`not read: ${line}`);
}

/** One after the other: each may be a copy of the one just before it. */
async function inOrder(
  rows: readonly LabelledVideo[],
  files: ReadonlyMap<string, string>,
  library: EvaluationLibrary,
  unreadable: string[],
): Promise<LabelledOutcome[]> {
  const outcomes: LabelledOutcome[] = [];
  await withProgress("videos", rows.length, async (step) => {
    for (const video of rows) {
      const file = files.get(video.id) as string;
      try {
        const { matches } = await library.check(file);
        const [best] = matches;
        const named = best && isCopy(shippedVerdict(best)) ? best.reference_id : null;
        if (named === null) await library.add(video.id, file);
        outcomes.push({ video, named, score: best?.score ?? 0 });
      } catch (error) {
        unreadable.push(`${video.id}: ${error instanceof Error ? error.message : error}`);
        outcomes.push({ video, named: null, score: 0 });
      }
      step();
    }
  });
  return outcomes;
}

function rowsOf(outcomes: readonly LabelledOutcome[]): string {
  const lines = outcomes.map(({ video, named, score }) =>
    csvLine([video.id, named === null ? "False" : "True", named ?? "", score]),
  );
  return [csvLine(["uuid", "is_duplicate", "duplicate_for", "score"]), ...lines].join("");
}

function textOf(outcomes: readonly LabelledOutcome[], withoutOriginal: number): string {
  const labelled = outcomes.filter(({ video }) => video.isDuplicate !== null);
  const duplicates = labelled.filter(({ video }) => video.isDuplicate).length;
  const called = outcomes.filter(({ named }) => named !== null).length;
  const lines = [
    `${outcomes.length} videos, ${duplicates} labelled duplicates, ${called} called duplicates at the shipped policy`,
  ];
  if (withoutOriginal > 0)
    lines.push(`${withoutOriginal} more are duplicates of videos that are not here, and count in no figure`);
  if (labelled.length === 0) return [...lines, "no row has is_duplicate: no figures"].join("\n");
  const figures = labelledFigures(labelled);
  const names = (Object.keys(LABELLED_FIGURES) as LabelledFigure[]).filter(
    (name) => !Number.isNaN(figures[name].value),
  );
  const table = plainTable(names.map((name) => [LABELLED_FIGURES[name], estimateText(figures[name])]));
  return [...lines, table].join("\n");
}
