// npm run make-copies: a labelled set of copies and negatives from anyone's folder of videos. See copies/plan.ts
// for what is in it.

import { parseArgs } from "node:util";
import { readClips } from "./copies/clips.ts";
import { findFont } from "./copies/font.ts";
import { editOf, writeLabels } from "./copies/labels.ts";
import { claimFolder, makeFiles } from "./copies/make.ts";
import { type PlannedQuery, planSet } from "./copies/plan.ts";
import { PARTS } from "./parts.ts";
import { userPath } from "./user-path.ts";

const USAGE = `npm run make-copies -- --sources DIR --out DIR --seed N [--per-source 8] [--part fit|test] [--negatives 0.4] [--at-once 2]
  --sources     videos, and optionally sources.csv (file,group): clips of one group show the same scene and are
                no copies of each other
  --out         gets references/, queries/, references.csv, queries.csv, ground_truth.csv, plan.json
  --seed        the same seed gives the same set
  --per-source  copies of each reference
  --part        only the groups of one part of the split
  --negatives   at least this share of the queries is no copy
  --at-once     videos made at the same time`;

async function main(): Promise<void> {
  const { sources, out, part, seed, perSource, negatives, atOnce } = options();
  const { clips, unusable } = await readClips(sources, part, atOnce);
  if (clips.length === 0)
    throw new Error(
      `there is no video to use in ${sources}\n${unusable.map((line) => `  ${line}`).join("\n")}`,
    );
  const font = await findFont();
  const plan = planSet(clips, { seed, perSource, negatives, font });
  await claimFolder(out, plan, { sources, part, seed, per_source: perSource, negatives });
  const made = await makeFiles(out, plan, atOnce);
  await writeLabels(out, plan.references, made.queries);

  for (const line of unusable) console.log(`not used: ${line}`);
  for (const line of made.failed) console.log(`not made: ${line}`);
  if (font === null)
    console.log("captions are drawn as bars: this ffmpeg has no drawtext, or there is no font");
  report(plan.references.length, made.queries, negatives);
  console.log(`set in ${out}`);
}

function options() {
  const { values } = parseArgs({
    options: {
      sources: { type: "string" },
      out: { type: "string" },
      seed: { type: "string" },
      part: { type: "string" },
      "per-source": { type: "string", default: "8" },
      negatives: { type: "string", default: "0.4" },
      "at-once": { type: "string", default: "2" },
    },
  });
  const [seed, perSource, negatives, atOnce] = [
    values.seed,
    values["per-source"],
    values.negatives,
    values["at-once"],
  ].map(Number) as [number, number, number, number];
  const part = PARTS.find((name) => name === values.part) ?? null;
  const counts = [perSource, atOnce].every((n) => Number.isInteger(n) && n > 0);
  if (!values.sources || !values.out || !Number.isInteger(seed) || !counts) throw new Error(USAGE);
  if (values.part !== undefined && part === null) throw new Error(USAGE);
  if (!(negatives >= 0 && negatives < 1)) throw new Error("--negatives is a share, from 0 to below 1");
  const [sources, out] = [userPath(values.sources), userPath(values.out)];
  return { sources, out, part, seed, perSource, negatives, atOnce };
}

function report(references: number, queries: PlannedQuery[], wanted: number): void {
  const negatives = queries.filter(({ kind }) => kind === "negative");
  console.log(
    `${references} references, ${queries.length} queries, of which ${negatives.length} are no copies`,
  );
  for (const kind of ["copy", "negative"]) {
    const names = queries.filter((query) => query.kind === kind).map(editOf);
    const counts = [...Map.groupBy(names, (name) => name)].sort(([a], [b]) => a.localeCompare(b));
    console.log(`  ${kind}: ${counts.map(([name, { length }]) => `${name} ${length}`).join(", ")}`);
  }
  if (negatives.length < wanted * queries.length)
    console.log(
      "  fewer negatives than asked for: the folder has too few videos to leave some out of the library",
    );
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
