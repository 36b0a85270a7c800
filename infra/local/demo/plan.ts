// What the demo adds and asks: which videos make up the library, which copies of them are checked, and which
// videos are no copies.

import { basename, extname } from "node:path";
import { EDITS, type EditName, INSERTION_MIN_S } from "@twinframe/evaluation/edits";

/** Copies that must be found; anything else is shown, not demanded. */
export const DEMANDED: ReadonlySet<string> = new Set(["identical", EDITS.remuxed.name, EDITS.reencoded.name]);

const OTHER_EDITS = Object.keys(EDITS).filter(
  (name) => !["remuxed", "reencoded"].includes(name),
) as EditName[];
const MOST_DISTRACTORS = 8;

export interface PlannedCheck {
  source: string;
  /** The reference that a right answer names; null for videos that are no copies. */
  copyOf: string | null;
  edit: EditName | "identical" | "inserted" | "none";
  /** The video that an insertion goes into. */
  host?: string;
}

export interface DemoPlan {
  /** Paths of the library's videos. */
  references: string[];
  checks: PlannedCheck[];
}

export const idOf = (file: string) => basename(file, extname(file)).replaceAll(/[^A-Za-z0-9._~:@+-]/g, "_");

/** `durations` holds each file's seconds; the last quarter of the videos (at most 8) stays out of the library. */
export function planDemo(files: string[], durations: ReadonlyMap<string, number>): DemoPlan {
  const distractors = files.slice(files.length - Math.min(MOST_DISTRACTORS, Math.floor(files.length / 4)));
  const references = files.slice(0, files.length - distractors.length);
  const checks: PlannedCheck[] = [];
  references.forEach((source, i) => {
    const copyOf = idOf(source);
    checks.push({ source, copyOf, edit: "identical" });
    checks.push({ source, copyOf, edit: "remuxed" }, { source, copyOf, edit: "reencoded" });
    const fitting = OTHER_EDITS.filter((name) => {
      const edit = EDITS[name];
      return !("minS" in edit) || (durations.get(source) ?? 0) >= edit.minS;
    });
    const edit = fitting[i % fitting.length];
    if (edit) checks.push({ source, copyOf, edit });
  });
  const lasts = (seconds: number) => (file: string) => (durations.get(file) ?? 0) >= seconds;
  const host = distractors.find(lasts(INSERTION_MIN_S.host));
  const inserted = references.find(lasts(INSERTION_MIN_S.source));
  if (host && inserted) checks.push({ source: inserted, copyOf: idOf(inserted), edit: "inserted", host });
  for (const source of distractors) checks.push({ source, copyOf: null, edit: "none" });
  return { references, checks };
}
