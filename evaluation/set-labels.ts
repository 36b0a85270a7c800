// What a set says of its videos: ground_truth.csv, and queries.csv and references.csv where there are any.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCsv } from "./csv.ts";
import { type GroundTruth, readGroundTruth } from "./ground-truth.ts";

/** A negative query is no copy of anything; its scene may still be in the library, filmed at another time. */
export type NegativeKind = "unrelated" | "same_scene";

export interface QueryLabels {
  /** The edit's name, `chain` for several in a row, null where the set does not say. */
  edit: string | null;
  /** All edits of a chain, as the set writes them. */
  edits: string | null;
  /** Clips of one group show the same scene and are no copies of each other. */
  group: string | null;
  /** Null for copies. */
  negative: NegativeKind | null;
}

export interface SetLabels {
  truth: GroundTruth["truth"];
  queries: Map<string, QueryLabels>;
  /** Groups of references. */
  groupOf: Map<string, string>;
  /** What the user should know of the labels. */
  remarks: string[];
}

/** Null when there is no ground_truth.csv. */
export function readSetLabels(
  folder: string,
  queryIds: readonly string[],
  referenceIds: readonly string[],
): SetLabels | null {
  const groundTruth = readNamed(folder, "ground_truth.csv", (text) =>
    readGroundTruth(text, queryIds, referenceIds),
  );
  if (groundTruth === null) return null;
  const references = rowsOf(folder, "references.csv", "ref_id");
  const groupOf = new Map([...references].flatMap(([id, { group }]) => (group ? [[id, group]] : [])));
  const rows = rowsOf(folder, "queries.csv", "query_id");
  const groups = new Set(groupOf.values());
  const queries = new Map(queryIds.map((id) => [id, labelsOf(id, rows.get(id) ?? {}, groundTruth, groups)]));
  return { truth: groundTruth.truth, queries, groupOf, remarks: remarksOn(groundTruth) };
}

function labelsOf(
  id: string,
  row: Record<string, string>,
  { truth, sound, editOf }: GroundTruth,
  groups: ReadonlySet<string>,
): QueryLabels {
  const group = row.group || null;
  // A query that a sound was copied into is a copy, though not of pictures.
  const isCopy = truth.has(id) || (row.kind ? row.kind !== "negative" : sound.has(id));
  const sameScene = row.relation ? row.relation === "same_scene" : group !== null && groups.has(group);
  return {
    edit: row.edit || editOf.get(id) || null,
    edits: row.edits || null,
    group,
    negative: isCopy ? null : sameScene ? "same_scene" : "unrelated",
  };
}

/** Null when there is no such file; what it throws names the file. */
function readNamed<T>(folder: string, name: string, read: (text: string) => T): T | null {
  const file = join(folder, name);
  if (!existsSync(file)) return null;
  try {
    return read(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}

function rowsOf(folder: string, name: string, idColumn: string): Map<string, Record<string, string>> {
  const rows = readNamed(folder, name, (text) => parseCsv(text, [idColumn])) ?? [];
  return new Map(rows.map((row) => [row[idColumn] ?? "", row]));
}

const few = (ids: ReadonlySet<string>) =>
  `${[...ids].slice(0, 3).join(", ")}${ids.size > 3 ? ` and ${ids.size - 3} more` : ""}`;

function remarksOn({ truth, sound, absentQueries, absentReferences }: GroundTruth): string[] {
  const remarks: string[] = [];
  if (absentQueries.size > 0)
    remarks.push(`left out: true pairs of queries that are not in queries/: ${few(absentQueries)}`);
  if (absentReferences.size > 0)
    remarks.push(`left out: true pairs of references that are not in references/: ${few(absentReferences)}`);
  let soundOnly = 0;
  for (const [query, references] of sound)
    for (const reference of references.keys()) if (!truth.get(query)?.has(reference)) soundOnly++;
  if (soundOnly > 0)
    remarks.push(`${soundOnly} pairs share their sound alone: no copies of pictures, so no truth here`);
  return remarks;
}
