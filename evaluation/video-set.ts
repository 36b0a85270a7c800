// A labelled set on disk: DIR/references, DIR/queries, and DIR/ground_truth.csv when there are labels.

import { existsSync, readdirSync } from "node:fs";
import { join, parse } from "node:path";
import { readSetLabels, type SetLabels } from "./set-labels.ts";

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
  /** Null without ground_truth.csv. */
  labels: SetLabels | null;
}

/** The videos of a folder by name. Throws when there are none, or two have the same id. */
export function videosIn(folder: string): VideoFile[] {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`);
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
  const [references, queries] = [videosIn(join(folder, "references")), videosIn(join(folder, "queries"))];
  const ids = (videos: VideoFile[]) => videos.map(({ id }) => id);
  return { references, queries, labels: readSetLabels(folder, ids(queries), ids(references)) };
}

export type LabelledSet = VideoSet & { labels: SetLabels };

/** With every `every`-th query only. Throws without ground_truth.csv. */
export function readLabelledSet(folder: string, every: number): LabelledSet {
  const { references, queries, labels } = readVideoSet(folder);
  if (!labels) throw new Error(`${folder} has no ground_truth.csv: a fit needs labels`);
  return { references, queries: queries.filter((_, i) => i % every === 0), labels };
}
