import type { ReferenceFilter } from "@twinframe/shared/contract";
import type { ReferenceRow } from "./reference-row.ts";

/** A top-level key of the metadata, and the text that its value must be written as. */
export interface MetadataFilter {
  key: string;
  value: string;
}

export interface ReferenceList {
  rows: ReferenceRow[];
  /** The key of the last row looked at, when there may be more; not always that of the last row given. */
  next: [string, string] | null;
}

/** Rows looked at for one page: metadata has no index, and a query must end. */
const MAX_SCANNED = 5000;

const STATUS = {
  indexing: "status = 'indexing' AND disabled_at IS NULL",
  ready: "status = 'ready' AND disabled_at IS NULL",
  disabled: "disabled_at IS NOT NULL",
};

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Text, number or truth value, whichever the metadata has; no key ever becomes a part of a path or of SQL. */
const HAS = `EXISTS (SELECT 1 FROM json_each(metadata) AS entry WHERE entry.key = ?
  AND ((entry.type = 'text' AND entry.value = ?) OR (entry.type IN ('integer', 'real') AND entry.value = ?)
       OR entry.type = ?))`;

function boundOf({ key, value }: MetadataFilter): (string | number | null)[] {
  const number = NUMBER.test(value) && Number.isFinite(Number(value)) ? Number(value) : null;
  return [key, value, number, value === "true" || value === "false" ? value : null];
}

/** Newest first, older than `after` (created_at and id). */
export async function listReferences(
  db: D1Database,
  tenant: string,
  { library, status, created_after, created_before }: ReferenceFilter,
  metadata: readonly MetadataFilter[],
  after: readonly string[] | null,
  limit: number,
  maxScanned = MAX_SCANNED,
): Promise<ReferenceList> {
  const where = ["tenant = ?", "library = ?"];
  const values: (string | number | null)[] = [tenant, library];
  const add = (condition: string, ...bound: string[]) => {
    where.push(condition);
    values.push(...bound);
  };
  if (status) add(STATUS[status]);
  if (created_after) add("created_at > ?", created_after);
  if (created_before) add("created_at < ?", created_before);
  if (after !== null) add("(created_at, id) < (?, ?)", ...after);
  const scanned = metadata.length === 0 ? limit + 1 : maxScanned;
  const scan = `FROM library_references WHERE ${where.join(" AND ")} ORDER BY created_at DESC, id DESC`;
  const has = metadata.map(() => HAS).join(" AND ") || "TRUE";
  const [page, end] = await db.batch([
    db
      .prepare(
        `SELECT * FROM (SELECT * ${scan} LIMIT ?) WHERE ${has} ORDER BY created_at DESC, id DESC LIMIT ?`,
      )
      .bind(...values, scanned, ...metadata.flatMap(boundOf), limit + 1),
    db.prepare(`SELECT created_at, id ${scan} LIMIT 1 OFFSET ?`).bind(...values, scanned - 1),
  ]);
  const found = page!.results as unknown as ReferenceRow[];
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : (end!.results[0] as ReferenceRow | undefined);
  return { rows, next: last === undefined ? null : [last.created_at, last.id] };
}
