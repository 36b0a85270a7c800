// npm run demo [-- --videos DIR]: starts both services, fills a library, checks copies and distractors, and says
// whether every copy that must be found was found.

import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";
import { EDITS, editArguments, insertionArguments } from "@twinframe/evaluation/edits";
import { mapWithProgress } from "@twinframe/evaluation/progress";
import { durationOf, runFfmpeg } from "@twinframe/evaluation/run-ffmpeg";
import { userPath } from "@twinframe/evaluation/user-path";
import { isCopy } from "@twinframe/evaluation/verdicts";
import { videosIn } from "@twinframe/evaluation/video-set";
import type { Check } from "@twinframe/shared/contract";
import pMap from "p-map";
import { ApiClient } from "./demo/client.ts";
import { serveFiles } from "./demo/file-server.ts";
import { makeClip, SCENE_NAMES } from "./demo/made-clips.ts";
import { DEMANDED, type DemoPlan, idOf, type PlannedCheck, planDemo } from "./demo/plan.ts";
import { tableHead, tableLine } from "./demo/table.ts";
import { startServices } from "./services.ts";

const MADE_CLIP_S = 12;
const AT_ONCE = 2;

const say = (text: string) => process.stderr.write(`${text}\n`);

async function videosFor(folder: string | undefined, work: string): Promise<string[]> {
  if (folder !== undefined) return videosIn(userPath(folder)).map(({ file }) => file);
  return mapWithProgress("making clips", SCENE_NAMES, AT_ONCE, (scene) => makeClip(work, scene, MADE_CLIP_S));
}

/** The file of a planned check: the source itself, or an edited copy of it. */
async function makeCopy(
  { source, edit, host }: PlannedCheck,
  work: string,
  durationS: number,
): Promise<string> {
  if (edit === "none") return source;
  const name = join(work, `${idOf(source)}--${edit}`);
  if (edit === "identical") {
    await copyFile(source, name + extname(source));
    return name + extname(source);
  }
  if (edit === "inserted") {
    await runFfmpeg(insertionArguments(source, host as string, `${name}.mp4`));
    return `${name}.mp4`;
  }
  const output = `${name}.${EDITS[edit].extension}`;
  await runFfmpeg(editArguments(EDITS[edit], source, output, durationS));
  return output;
}

const nameOf = (edit: PlannedCheck["edit"]) =>
  edit === "none" ? "– (no copy)" : edit === "identical" || edit === "inserted" ? edit : EDITS[edit].name;

function tally(rows: { planned: PlannedCheck; check: Check }[]): boolean {
  const copies = rows.filter(({ planned }) => planned.copyOf !== null);
  const right = ({ planned, check }: (typeof rows)[number]) =>
    check.matches?.[0]?.reference_id === planned.copyOf && check.verdict !== "review";
  const demanded = copies.filter(({ planned }) => DEMANDED.has(nameOf(planned.edit)));
  const missed = demanded.filter((row) => !right(row));
  const others = copies.filter(({ planned }) => !DEMANDED.has(nameOf(planned.edit)));
  const distractors = rows.filter(({ planned }) => planned.copyOf === null);
  const accused = distractors.filter(({ check }) => check.verdict !== undefined && isCopy(check.verdict));
  console.log(
    `\nidentical, remuxed and re-encoded copies found: ${demanded.length - missed.length} of ${demanded.length}`,
  );
  console.log(`other edits found: ${others.filter(right).length} of ${others.length}`);
  console.log(`videos that are no copies called copies: ${accused.length} of ${distractors.length}`);
  for (const { planned } of missed)
    console.log(`missed: ${nameOf(planned.edit)} copy of ${basename(planned.source)}`);
  return missed.length === 0;
}

async function runChecks(
  plan: DemoPlan,
  files: string[],
  client: ApiClient,
  urlOf: (file: string) => string,
) {
  console.log(tableHead());
  const rows: { planned: PlannedCheck; check: Check }[] = [];
  for (const [i, planned] of plan.checks.entries()) {
    const file = files[i] as string;
    // Every fourth goes by URL, the rest as bytes: both ways in are shown.
    const check = i % 4 === 3 ? await client.checkUrl(urlOf(file)) : await client.checkFile(file);
    console.log(tableLine(idOf(planned.source), nameOf(planned.edit), check));
    rows.push({ planned, check });
  }
  return rows;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { videos: { type: "string" } } });
  const temporary = await mkdtemp(join(tmpdir(), "twinframe-demo-"));
  const work = join(temporary, "videos");
  await mkdir(work);
  const server = await serveFiles();
  let stop = async () => {};
  try {
    const sources = await videosFor(values.videos, work);
    const withDuration = async (file: string) => [file, await durationOf(file)] as const;
    const durations = new Map(await pMap(sources, withDuration, { concurrency: AT_ONCE }));
    const plan = planDemo(sources, durations);
    const files = await mapWithProgress("making edited copies", plan.checks, AT_ONCE, (planned) =>
      makeCopy(planned, work, durations.get(planned.source) ?? 0),
    );
    const services = await startServices({
      stateDir: join(temporary, "state"),
      extraEdgeVars: { INTAKE_ALLOWED_HOSTS: server.host },
      log: say,
    });
    stop = () => services.stop();
    const client = new ApiClient(services.edgeUrl, services.apiKey);
    await mapWithProgress("adding references", plan.references, 1, (file) =>
      client.addReference(idOf(file), server.urlOf(file), { title: basename(file) }),
    );
    return tally(await runChecks(plan, files, client, server.urlOf));
  } finally {
    await stop();
    server.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`the demo did not run through: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
