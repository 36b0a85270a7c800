// The videos that a set is made of: anyone's folder, with or without a sources.csv that says which clips show the
// same scene.

import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { basename, join, parse } from "node:path";
import pMap from "p-map";
import { parseCsv } from "../csv.ts";
import { type Part, partOf } from "../parts.ts";
import { videosIn } from "../video-set.ts";
import { type Picture, probePicture } from "./probe.ts";

export interface Clip extends Picture {
  /** The file's name. */
  name: string;
  file: string;
  /** Clips of one group show the same scene and are no copies of each other. */
  group: string;
  /** Set when the clip is in the library. */
  referenceId: string | null;
}

export interface Clips {
  clips: Clip[];
  /** Files that no set can use, and why. */
  unusable: string[];
}

export async function readClips(folder: string, part: Part | null, atOnce: number): Promise<Clips> {
  const groups = groupsOf(folder);
  const candidates = videosIn(folder)
    .map(({ file }) => ({ file, group: groups.get(basename(file)) ?? parse(file).name }))
    .filter(({ group }) => part === null || partOf(group) === part);
  const unusable: string[] = [];
  const firstWith = new Map<string, string>();
  const read = await pMap(
    candidates,
    async ({ file, group }) => {
      const name = basename(file);
      try {
        const clip: Clip = { name, file, group, referenceId: null, ...(await probePicture(file)) };
        return { clip, digest: await digestOf(file) };
      } catch (error) {
        unusable.push(`${name}: ${error instanceof Error ? error.message : error}`);
        return null;
      }
    },
    { concurrency: atOnce },
  );
  const clips: Clip[] = [];
  for (const { clip, digest } of read.filter((one) => one !== null)) {
    // The same bytes under two names would stand on both sides of the labels.
    const first = firstWith.get(digest);
    firstWith.set(digest, first ?? clip.name);
    if (first === undefined) clips.push(clip);
    else unusable.push(`${clip.name}: the same file as ${first}`);
  }
  return { clips, unusable };
}

/** Groups by file name. */
function groupsOf(folder: string): Map<string, string> {
  const list = join(folder, "sources.csv");
  if (!existsSync(list)) return new Map();
  const rows = parseCsv(readFileSync(list, "utf8"), ["file", "group"]);
  return new Map(rows.flatMap(({ file = "", group = "" }) => (group === "" ? [] : [[file, group]])));
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest("hex");
}
