// A list of videos in the order in which they came, and which are duplicates of which: uuid, and where known
// created, is_duplicate and duplicate_for (other columns, such as link, are passed over).

import { parseCsv } from "../csv.ts";

export interface LabelledVideo {
  id: string;
  /** Null: not labelled. */
  isDuplicate: boolean | null;
  duplicateFor: string | null;
}

const YES = new Set(["true", "1", "yes", "t"]);
const NO = new Set(["false", "0", "no", "f"]);

function yesOrNo(value: string, id: string): boolean | null {
  const word = value.trim().toLowerCase();
  if (YES.has(word)) return true;
  if (NO.has(word)) return false;
  if (word === "") return null;
  throw new Error(
    `is_duplicate of ${id} is ${JSON.stringify(value)}: write true or false, or leave it empty`,
  );
}

/** Oldest first; rows without `created` keep the file's order. */
export function readLabelledCsv(text: string): LabelledVideo[] {
  const seen = new Set<string>();
  const rows = parseCsv(text, ["uuid"]).map((row) => ({
    row,
    id: row.uuid?.trim() ?? "",
    at: row.created?.trim() ?? "",
  }));
  // `2024-06-01 00:05:43` and ISO 8601 both sort as text; so do the rows of a file that has no times.
  return rows
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ row, id }) => {
      if (id === "") throw new Error("a row has no uuid");
      if (seen.has(id)) throw new Error(`two rows have the uuid ${id}`);
      seen.add(id);
      const duplicateFor = row.duplicate_for?.trim() || null;
      const said = yesOrNo(row.is_duplicate ?? "", id);
      return {
        id,
        isDuplicate: said ?? (duplicateFor === null ? null : true),
        duplicateFor,
      };
    });
}
