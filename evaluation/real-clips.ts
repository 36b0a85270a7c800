// npm run evaluate:clips -- --data DIR [--at-once N]: the figures on a folder of real clips as the library.
//   DIR/videos/*.mp4 and DIR/videos/sources.csv (file, group): every clip is a reference; clips of one group
//   show the same scene and are no copies of each other.
//   DIR/natural-pairs/pairs.csv (source, copy, note): real copies found in the wild; optional.
// Identical, remuxed and re-encoded (CRF 32, 240p) copies of every clip must be found and rightly named, and no
// re-encoded clip must be called a copy of another clip of its group.

import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, parse } from "node:path";
import { parseArgs } from "node:util";
import type { FoundMatch } from "@twinframe/shared/contract";
import { parseCsv } from "./csv.ts";
import { EDITS, editArguments } from "./edits.ts";
import { openEvaluationLibrary } from "./library.ts";
import { mapWithProgress } from "./progress.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";
import { userPath } from "./user-path.ts";
import { isCopy, shippedVerdict } from "./verdicts.ts";
import { videosIn } from "./video-set.ts";

const { values } = parseArgs({
  options: { data: { type: "string" }, "at-once": { type: "string", default: "2" } },
});
if (!values.data) throw new Error("npm run evaluate:clips -- --data DIR");
const atOnce = Number(values["at-once"]);
const data = userPath(values.data);
const videos = videosIn(join(data, "videos"));
const groupOf = new Map(
  parseCsv(readFileSync(join(data, "videos", "sources.csv"), "utf8"), ["file", "group"]).map(
    ({ file = "", group = "" }) => [parse(file).name, group] as const,
  ),
);

const work = await mkdtemp(join(tmpdir(), "twinframe-clips-"));
const library = await openEvaluationLibrary();
try {
  await mapWithProgress("references", videos, atOnce, async ({ id, file }) => {
    await library.add(id, file);
  });
  await copies("identical");
  await copies("remuxed");
  sameScene(await copies("reencoded"));
  await naturalPairs();
} finally {
  await library.close();
  await rm(work, { recursive: true, force: true });
}

/** Checks one kind of copy of every clip; gives what each clip's check found. */
async function copies(edit: "identical" | "remuxed" | "reencoded"): Promise<Map<string, FoundMatch[]>> {
  let right = 0;
  const found = await mapWithProgress(`${edit} copies`, videos, atOnce, async ({ id, file }) => {
    let copy = file;
    if (edit !== "identical") {
      copy = join(work, `${id}-${edit}.${EDITS[edit].extension}`);
      await runFfmpeg(editArguments(EDITS[edit], file, copy, 0));
    }
    const { matches } = await library.check(copy);
    if (copy !== file) await rm(copy);
    const [first, ...others] = matches;
    if (first?.reference_id === id && isCopy(first.verdict)) right++;
    else console.log(`  missed: ${edit} copy of ${id}`);
    for (const { reference_id, verdict } of others)
      if (isCopy(verdict)) console.log(`  ${edit} copy of ${id} is called a copy of ${reference_id} too`);
    return [id, matches] as const;
  });
  console.log(`${edit} copies found and rightly named: ${right} of ${videos.length}`);
  return new Map(found);
}

/** What each clip's check said of the other clips of its group. */
function sameScene(found: Map<string, FoundMatch[]>): void {
  const counts = { pairs: 0, copies: 0, review: 0 };
  for (const [id, matches] of found) {
    const group = groupOf.get(id);
    const sameGroup = videos.filter((other) => other.id !== id && groupOf.get(other.id) === group);
    const others = new Set(group === undefined ? [] : sameGroup.map((other) => other.id));
    counts.pairs += others.size;
    for (const match of matches.filter(({ reference_id }) => others.has(reference_id))) {
      const verdict = shippedVerdict(match);
      if (verdict === "unique") continue;
      if (isCopy(verdict)) counts.copies++;
      else counts.review++;
      console.log(`  ${id} is called ${verdict} of ${match.reference_id} (${match.score.toFixed(3)})`);
    }
  }
  console.log(
    `same-scene pairs called copies: ${counts.copies} of ${counts.pairs}; left to review: ${counts.review}`,
  );
}

async function naturalPairs(): Promise<void> {
  const file = join(data, "natural-pairs", "pairs.csv");
  if (!existsSync(file)) return;
  const pairs = parseCsv(readFileSync(file, "utf8"), ["source", "copy", "note"]);
  let found = 0;
  for (const { source = "", copy = "", note = "" } of pairs) {
    const id = parse(source).name;
    if (!source.startsWith("videos/")) await library.add(id, join(data, source));
    const { matches } = await library.check(join(data, copy));
    const match = matches.find(({ reference_id }) => reference_id === id);
    if (match && isCopy(match.verdict)) found++;
    const said = match ? `${shippedVerdict(match)} ${match.score.toFixed(3)}` : "no match";
    console.log(`  ${said.padEnd(20)} ${basename(copy)} (${note})`);
  }
  console.log(`natural pairs found: ${found} of ${pairs.length}`);
}
