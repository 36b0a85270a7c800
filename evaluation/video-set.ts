// A labelled set on disk: DIR/references, DIR/queries, and DIR/ground_truth.csv when there are labels.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";
import { parseCsv } from "./csv.ts";

const VIDEO_EXTENSIONS = new Set(
  [
    "mp4",
    "m4v",
    "mov",
    "mkv",
    "webm",
    "avi",
    "flv",
    "ts",
    "m2ts",
    "mpg",
    "mpeg",
    "ogv",
    "wmv",
    "asf",
    "3gp",
  ].map((e) => `.${e}`),
);

export interface VideoFile {
  /** The file's name without its extension. */
  id: string;
  file: string;
}

export interface VideoSet {
  references: VideoFile[];
  queries: VideoFile[];
  /** Pairs `query id` → ids of the references that it copies; null without labels. */
  truth: Map<string, Set<string>> | null;
}

/** The videos of a folder by name. Throws when there are none, or two have the same id. */
export function videosIn(folder: string): VideoFile[] {
  const files = readdirSync(folder)
    .filter((name) => VIDEO_EXTENSIONS.has(parse(name).ext.toLowerCase()))
    .sort()
    .map((name) => ({ id: parse(name).name, file: join(folder, name) }));
  if (files.length === 0) throw new Error(`there are no videos in ${folder}`);
  const seen = new Set<string>();
  for (const { id } of files) {
    if (seen.has(id)) throw new Error(`two videos in ${folder} have the id ${id}: rename one`);
    seen.add(id);
  }
  return files;
}

export function readVideoSet(folder: string): VideoSet {
  const labels = join(folder, "ground_truth.csv");
  let truth: VideoSet["truth"] = null;
  if (existsSync(labels)) {
    truth = new Map();
    for (const row of parseCsv(readFileSync(labels, "utf8"), ["query_id", "ref_id"])) {
      const { query_id = "", ref_id = "" } = row;
      truth.set(query_id, (truth.get(query_id) ?? new Set()).add(ref_id));
    }
  }
  return {
    references: videosIn(join(folder, "references")),
    queries: videosIn(join(folder, "queries")),
    truth,
  };
}
