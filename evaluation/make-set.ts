// npm run make-set -- --data DIR --part fit|test --out DIR: a labelled set of one part of a folder of clips
// (DIR/videos with sources.csv). Of scenes with several clips every other one is a reference and the rest are
// hard negatives; of the other scenes three in four are references. Every clip, reference or not, is asked for
// re-encoded and in three other edits; some references are inserted into videos that are none.

import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join, parse, resolve } from "node:path";
import { parseArgs } from "node:util";
import { csvLine, parseCsv } from "./csv.ts";
import { EDITS, type EditName, editArguments, INSERTION_MIN_S, insertionArguments } from "./edits.ts";
import { inParallel } from "./in-parallel.ts";
import { PARTS, type Part, partOf } from "./parts.ts";
import { progressLine } from "./progress-line.ts";
import { durationOf, runFfmpeg } from "./run-ffmpeg.ts";
import { userPath } from "./user-path.ts";

const ROTATING = Object.keys(EDITS).filter((name) => !["remuxed", "reencoded"].includes(name)) as EditName[];
const ROTATING_PER_CLIP = 3;
const MOST_INSERTIONS = 14;
const AT_ONCE = 2;

interface Clip {
  id: string;
  file: string;
  durationS: number;
  isReference: boolean;
}

async function clipsOf(data: string, part: Part): Promise<Clip[]> {
  const sources = parseCsv(await readFile(join(data, "videos", "sources.csv"), "utf8"), [
    "file",
    "group",
    "seconds",
  ]);
  const groups = Map.groupBy(sources, ({ group = "" }) => group);
  const single = [...groups]
    .filter(([group, rows]) => rows.length === 1 && partOf(group) === part)
    .map(([group]) => group);
  const outside = new Set(single.filter((_, i) => i % 4 === 3));
  return [...groups]
    .filter(([group]) => partOf(group) === part)
    .flatMap(([group, rows]) =>
      rows.map(({ file = "", seconds = "" }, i) => ({
        id: parse(file).name,
        file: resolve(data, "videos", file),
        durationS: Number(seconds),
        isReference: i % 2 === 0 && !outside.has(group),
      })),
    );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { data: { type: "string" }, part: { type: "string" }, out: { type: "string" } },
  });
  const part = PARTS.find((name) => name === values.part);
  if (!values.data || !values.out || !part)
    throw new Error("npm run make-set -- --data DIR --part fit|test --out DIR");
  const clips = await clipsOf(userPath(values.data), part);
  const out = userPath(values.out);
  const [references, queries] = [join(out, "references"), join(out, "queries")];
  await rm(references, { recursive: true, force: true });
  await rm(queries, { recursive: true, force: true });
  await mkdir(references, { recursive: true });
  await mkdir(queries, { recursive: true });
  for (const { id, file, isReference } of clips)
    if (isReference) await symlink(file, join(references, parse(file).base || id));

  const planned = clips.flatMap((clip, i) => {
    const fitting = ROTATING.filter(
      (name) => clip.durationS >= ((EDITS[name] as { minS?: number }).minS ?? 0),
    );
    const rotating = Array.from(
      { length: ROTATING_PER_CLIP },
      (_, k) => fitting[(i * ROTATING_PER_CLIP + k) % fitting.length],
    );
    return [...new Set(["reencoded", ...rotating] as EditName[])].map((name) => ({
      query: `${clip.id}--${name}`,
      clip,
      make: (output: string) => runFfmpeg(editArguments(EDITS[name], clip.file, output, clip.durationS)),
    }));
  });
  const hosts = clips.filter(
    ({ isReference, durationS }) => !isReference && durationS >= INSERTION_MIN_S.host,
  );
  const insertable = clips.filter(
    ({ isReference, durationS }) => isReference && durationS >= INSERTION_MIN_S.source,
  );
  for (const [i, clip] of insertable.slice(0, hosts.length === 0 ? 0 : MOST_INSERTIONS).entries()) {
    const host = hosts[i % hosts.length] as Clip;
    const make = (output: string) => runFfmpeg(insertionArguments(clip.file, host.file, output));
    planned.push({ query: `${clip.id}--inserted`, clip, make });
  }
  const made = progressLine("queries made", planned.length);
  await inParallel(planned, AT_ONCE, async ({ query, make }) => {
    const output = join(queries, `${query}.mp4`);
    await make(output);
    if ((await durationOf(output)) === 0) throw new Error(`${output} came out empty`);
    made();
  });
  let labels = csvLine(["query_id", "ref_id", "query_start", "query_end", "ref_start", "ref_end"]);
  for (const { query, clip } of planned)
    if (clip.isReference) labels += csvLine([query, clip.id, "", "", "", ""]);
  await writeFile(join(out, "ground_truth.csv"), labels);
  console.log(
    `${part}: ${clips.filter(({ isReference }) => isReference).length} references, ${planned.length} queries in ${out}`,
  );
}

await main();
