// ground_truth.csv in VSC22's columns: query_id,ref_id,query_start,query_end,ref_start,ref_end, one row a true
// segment; optional: edit, modality. Sets come from anyone, so times may be empty.

import { parseCsv } from "./csv.ts";
import type { Box } from "./measure/segments.ts";

/** Query id → reference id → what is told of the pair. */
export type Pairs<T> = Map<string, Map<string, T>>;

export interface GroundTruth {
  /** True pairs of pictures with the segments whose times are given. */
  truth: Pairs<Box[]>;
  /** Pairs that share their sound alone: no picture was copied. */
  sound: Pairs<true>;
  editOf: Map<string, string>;
  /** Ids in rows about videos that are not there; such rows are left out. */
  absentQueries: Set<string>;
  absentReferences: Set<string>;
}

/** Throws, naming the row, on times that cannot be. */
export function readGroundTruth(
  text: string,
  queryIds: readonly string[],
  referenceIds: readonly string[],
): GroundTruth {
  const [queries, references] = [new Set(queryIds), new Set(referenceIds)];
  const read: GroundTruth = {
    truth: new Map(),
    sound: new Map(),
    editOf: new Map(),
    absentQueries: new Set(),
    absentReferences: new Set(),
  };
  for (const [i, row] of parseCsv(text, ["query_id", "ref_id"]).entries()) {
    const { query_id: query = "", ref_id: reference = "", edit, modality } = row;
    if (!queries.has(query)) read.absentQueries.add(query);
    if (!references.has(reference)) read.absentReferences.add(reference);
    if (!queries.has(query) || !references.has(reference)) continue;
    if (edit) read.editOf.set(query, edit);
    if (modality?.trim().toLowerCase() === "sound") inner(read.sound, query).set(reference, true);
    else {
      const segments = inner(read.truth, query).get(reference) ?? [];
      inner(read.truth, query).set(reference, segments);
      const segment = segmentOf(row, i + 2);
      if (segment) segments.push(segment);
    }
  }
  return read;
}

function inner<T>(pairs: Pairs<T>, query: string): Map<string, T> {
  const existing = pairs.get(query);
  if (existing) return existing;
  const made = new Map<string, T>();
  pairs.set(query, made);
  return made;
}

const TIMES = ["query_start", "query_end", "ref_start", "ref_end"];

/** Null when a time is missing. */
function segmentOf(row: Record<string, string>, line: number): Box | null {
  const given = TIMES.map((name) => row[name]?.trim() ?? "");
  if (given.includes("")) return null;
  const [queryStart = 0, queryEnd = 0, refStart = 0, refEnd = 0] = given.map(Number);
  const possible = queryStart >= 0 && queryEnd > queryStart && refStart >= 0 && refEnd > refStart;
  if (!possible || ![queryEnd, refEnd].every(Number.isFinite))
    throw new Error(
      `line ${line}: ${given.join(", ")} are no times of a segment: give seconds, each end after its start, or leave them empty`,
    );
  return {
    query: { start_s: queryStart, end_s: queryEnd },
    reference: { start_s: refStart, end_s: refEnd },
  };
}
