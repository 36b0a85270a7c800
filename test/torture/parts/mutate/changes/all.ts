import { byteChanges, type Change } from "./bytes.ts";
import { asfChanges, aviChanges } from "./chunks.ts";
import { ebmlChanges } from "./ebml.ts";
import { flvChanges } from "./flv.ts";
import { isoChanges } from "./iso.ts";
import { mpgChanges, oggChanges, tsChanges } from "./packets.ts";

const STRUCTURES: Record<string, Record<string, Change>> = {
  mp4: isoChanges,
  mov: isoChanges,
  "3gp": isoChanges,
  mkv: ebmlChanges,
  webm: ebmlChanges,
  avi: aviChanges,
  flv: flvChanges,
  ts: tsChanges,
  mpg: mpgChanges,
  ogv: oggChanges,
  wmv: asfChanges,
};

/** What can be done to files of an ending, by name. Lies that know the format come as often as all else. */
export function changesOf(extension: string): [string, Change][] {
  const structure = Object.entries(STRUCTURES[extension] ?? {});
  const bytes = Object.entries(byteChanges);
  const times = Math.max(1, Math.round(bytes.length / Math.max(1, structure.length)));
  return [...bytes, ...Array.from({ length: times }, () => structure).flat()];
}
