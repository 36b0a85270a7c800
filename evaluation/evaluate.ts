// npm run evaluate -- --set DIR [--out FILE]: runs a labelled set through the product's pipeline.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { FoundMatch } from "@twinframe/shared/contract";
import { csvLine } from "./csv.ts";
import { inParallel } from "./in-parallel.ts";
import { openEvaluationLibrary } from "./library.ts";
import { microAveragePrecision, type ScoredPair, verdictFigures } from "./metrics.ts";
import { progressLine } from "./progress-line.ts";
import { userPath } from "./user-path.ts";
import { isCopy, shippedVerdict } from "./verdicts.ts";
import { readVideoSet, type VideoFile } from "./video-set.ts";

const USAGE = `npm run evaluate -- --set DIR [--out FILE]
  DIR/references, DIR/queries   videos; a file's name without extension is its id
  DIR/ground_truth.csv          optional: query_id,ref_id,query_start,query_end,ref_start,ref_end
  FILE                          one row a segment, the best 10 references a query`;
const BEST = 10;
const AT_ONCE = 2;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { set: { type: "string" }, out: { type: "string" } } });
  if (!values.set) throw new Error(USAGE);
  const set = readVideoSet(userPath(values.set));
  const library = await openEvaluationLibrary();
  const unreadable: string[] = [];
  const attempt = async <T>({ id }: VideoFile, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      unreadable.push(`${id}: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  };
  try {
    const indexed = progressLine("references", set.references.length);
    await inParallel(set.references, AT_ONCE, async (video) => {
      await attempt(video, () => library.add(video.id, video.file));
      indexed();
    });
    const checked = progressLine("queries", set.queries.length);
    const found = await inParallel(set.queries, AT_ONCE, async (video) => {
      const result = await attempt(video, () => library.check(video.file));
      checked();
      return { queryId: video.id, matches: (result?.matches ?? []).slice(0, BEST) };
    });
    if (values.out) writeFileSync(userPath(values.out), rowsOf(found));
    report(found, set);
    for (const line of unreadable) console.log(`not read: ${line}`);
  } finally {
    await library.close();
  }
}

interface QueryMatches {
  queryId: string;
  matches: FoundMatch[];
}

function rowsOf(found: QueryMatches[]): string {
  const columns = "query_id,ref_id,score,query_start,query_end,ref_start,ref_end,verdict".split(",");
  let text = csvLine(columns);
  for (const { queryId, matches } of found)
    for (const match of matches)
      for (const { query, reference } of match.visual.segments)
        text += csvLine([
          queryId,
          match.reference_id,
          match.score,
          query.start_s,
          query.end_s,
          reference.start_s,
          reference.end_s,
          shippedVerdict(match),
        ]);
  return text;
}

function report(
  found: QueryMatches[],
  { truth, queries, references }: ReturnType<typeof readVideoSet>,
): void {
  const pairs: ScoredPair[] = [];
  const called: ScoredPair[] = [];
  for (const { queryId, matches } of found)
    for (const match of matches) {
      const pair = { queryId, referenceId: match.reference_id, score: match.score };
      pairs.push(pair);
      if (isCopy(shippedVerdict(match))) called.push(pair);
    }
  console.log(
    `${references.length} references, ${queries.length} queries, ${called.length} pairs called copies`,
  );
  if (!truth) return;
  const { precision, recall, f1, falsePositiveRate } = verdictFigures(
    called,
    queries.map(({ id }) => id),
    truth,
  );
  console.log(`micro-AP             ${microAveragePrecision(pairs, truth).toFixed(4)}`);
  console.log(`verdict precision    ${precision.toFixed(4)}`);
  console.log(`verdict recall       ${recall.toFixed(4)}`);
  console.log(`verdict F1           ${f1.toFixed(4)}`);
  console.log(`false-positive rate  ${falsePositiveRate.toFixed(4)}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
