// Makes a plan's files. What is there already is not made again.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { mapWithProgress } from "../progress.ts";
import { durationOf, runFfmpeg } from "../run-ffmpeg.ts";
import type { Plan, PlannedQuery } from "./plan.ts";

/** A file and its labels may differ by this much, seconds: sound is coded in blocks, and containers round. */
const TOLERANCE_S = 0.35;

export interface Made {
  queries: PlannedQuery[];
  /** Queries that could not be made, and why. */
  failed: string[];
}

/** Throws when the folder holds a set of another plan. */
export async function claimFolder(out: string, plan: Plan, options: object): Promise<void> {
  const file = join(out, "plan.json");
  const digest = createHash("sha256").update(JSON.stringify(plan)).digest("hex");
  const wanted = `${JSON.stringify({ ...options, plan: digest }, null, 2)}\n`;
  await mkdir(out, { recursive: true });
  const held = existsSync(file) ? await readFile(file, "utf8") : null;
  if (held === null && existsSync(join(out, "queries")))
    throw new Error(`${out} holds a set that this command did not make: choose another folder for --out`);
  if (held !== null && held !== wanted)
    throw new Error(
      `${out} holds a set of another plan (other options, other sources or another version of the edits; see ${file}): choose another folder for --out, or remove this one`,
    );
  if (held === null) await writeFile(file, wanted);
}

export async function makeFiles(out: string, { references, queries }: Plan, atOnce: number): Promise<Made> {
  const [referenceFolder, queryFolder, drafts] = ["references", "queries", "unfinished"].map((name) =>
    join(out, name),
  ) as [string, string, string];
  for (const folder of [referenceFolder, queryFolder, drafts]) await mkdir(folder, { recursive: true });
  for (const { referenceId, file } of references) {
    const link = join(referenceFolder, `${referenceId}${extname(file).toLowerCase()}`);
    if (!existsSync(link)) await symlink(file, link);
  }
  const failed: string[] = [];
  const outcomes = await mapWithProgress("queries made", queries, atOnce, async (query) => {
    const name = `${query.id}.${query.extension}`;
    try {
      // Under another name until it is whole, so that a run that was stopped leaves no half videos.
      if (!existsSync(join(queryFolder, name))) {
        await makeQuery(query, join(drafts, name));
        await rename(join(drafts, name), join(queryFolder, name));
      }
      return query;
    } catch (error) {
      failed.push(`${query.id} of ${query.source.name}: ${lastLine(error)}`);
      return null;
    }
  });
  await rm(drafts, { recursive: true });
  return { queries: outcomes.filter((query) => query !== null), failed };
}

/** ffmpeg's own words; the lines before them are the whole command. */
function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").at(-1) ?? "";
}

async function makeQuery({ ffmpeg, source, durationS }: PlannedQuery, output: string): Promise<void> {
  if (ffmpeg === null) return copyFile(source.file, output);
  const quiet = ["-nostdin", "-v", "error", "-y", "-filter_complex_threads", "1"];
  await runFfmpeg([...quiet, ...ffmpeg, output]);
  const lasts = await durationOf(output);
  if (Math.abs(lasts - durationS) > TOLERANCE_S)
    throw new Error(`it came out ${lasts.toFixed(2)} s long instead of ${durationS.toFixed(2)} s`);
}
