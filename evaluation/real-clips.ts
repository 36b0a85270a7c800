// npm run evaluate:clips -- --data DIR [--at-once N]: the figures on a folder of real clips as the library.
//   DIR/videos/*.mp4 and DIR/videos/sources.csv (file, group): every clip is a reference; clips of one group
//   show the same scene and are no copies of each other.
//   DIR/natural-pairs/pairs.csv (source, copy, note): real copies found in the wild; optional.
// Identical, remuxed and re-encoded (CRF 32, 240p) copies of every clip must be found and rightly named; every
// clip, taken out of the library in turn, must not be called a copy of a clip of its group.

import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, parse } from "node:path";
import { parseArgs } from "node:util";
import type { FoundMatch } from "@twinframe/shared/contract";
import { DEFAULT_POLICY } from "../gpu-backend/src/verdict/policy.ts";
import { parseCsv } from "./csv.ts";
import { EDITS, editArguments } from "./edits.ts";
import { inParallel } from "./in-parallel.ts";
import { openEvaluationLibrary } from "./library.ts";
import { progressLine } from "./progress-line.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";
import { userPath } from "./user-path.ts";
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
const isCopy = ({ verdict }: FoundMatch) => verdict === "duplicate" || verdict === "partial_copy";

const work = await mkdtemp(join(tmpdir(), "twinframe-clips-"));
const library = await openEvaluationLibrary();
try {
  const added = progressLine("references", videos.length);
  await inParallel(videos, atOnce, async ({ id, file }) => {
    await library.add(id, file);
    added();
  });
  await copies();
  await sameScene();
  await naturalPairs();
} finally {
  await library.close();
  await rm(work, { recursive: true, force: true });
}

async function copies(): Promise<void> {
  for (const edit of ["identical", "remuxed", "reencoded"] as const) {
    const checked = progressLine(`${edit} copies`, videos.length);
    const right = await inParallel(videos, atOnce, async ({ id, file }) => {
      let copy = file;
      if (edit !== "identical") {
        copy = join(work, `${id}-${edit}.${EDITS[edit].extension}`);
        await runFfmpeg(editArguments(EDITS[edit], file, copy, 0));
      }
      const { matches } = await library.check(copy);
      if (copy !== file) await rm(copy);
      checked();
      const others = matches
        .slice(1)
        .filter(isCopy)
        .map(({ reference_id }) => reference_id);
      const ok = matches[0]?.reference_id === id && isCopy(matches[0]);
      if (!ok) console.log(`  missed: ${edit} copy of ${id}`);
      for (const other of others) console.log(`  ${edit} copy of ${id} is called a copy of ${other} too`);
      return ok;
    });
    console.log(`${edit} copies found and rightly named: ${right.filter(Boolean).length} of ${right.length}`);
  }
}

/** Pairs of one group by what each clip's check says of its group's other clips. */
async function sameScene(): Promise<void> {
  const members = videos.filter(({ id }) => {
    const group = groupOf.get(id);
    return group !== undefined && [...groupOf.values()].filter((other) => other === group).length > 1;
  });
  const checked = progressLine("clips of one scene", members.length);
  const counts = { pairs: 0, copies: 0, review: 0 };
  await inParallel(members, 1, async ({ id, file }) => {
    // Re-encoded, so that its own packets do not end the search before pictures are compared.
    const copy = join(work, `${id}-scene.mp4`);
    await runFfmpeg(editArguments(EDITS.reencoded, file, copy, 0));
    const { matches } = await library.check(copy);
    await rm(copy);
    const others = [...groupOf].filter(([other, group]) => group === groupOf.get(id) && other !== id);
    counts.pairs += others.length;
    for (const match of matches.filter(({ reference_id }) =>
      others.some(([other]) => other === reference_id),
    )) {
      if (isCopy(match)) counts.copies++;
      else if (match.score >= DEFAULT_POLICY.review_score) counts.review++;
      else continue;
      console.log(`  ${id} is called ${match.verdict} of ${match.reference_id} (${match.score.toFixed(3)})`);
    }
    checked();
  });
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
    const ok = match !== undefined && isCopy(match);
    if (ok) found++;
    const said = match
      ? `${ok || match.score >= DEFAULT_POLICY.review_score ? match.verdict : "unique"} ${match.score.toFixed(3)}`
      : "no match";
    console.log(`  ${said.padEnd(20)} ${basename(copy)} (${note})`);
  }
  console.log(`natural pairs found: ${found} of ${pairs.length}`);
}
