import type { ImportFilter } from "@twinframe/shared/contract";

export interface ImportRow {
  id: string;
  tenant: string;
  library: string;
  status: "running" | "completed" | "cancelled";
  total: number;
  /** Of the key that its lines count with; null for one from before. */
  key_id: string | null;
  turn: number;
  /** Lines by status, as JSON. */
  counts: string | null;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
}

export interface NewImport {
  id: string;
  tenant: string;
  library: string;
  total: number;
  bytes: number;
  key_id: string;
}

/** What a tenant may have open. */
export interface ImportRoom {
  openImports: number;
  importBytes: number;
}

/** One line as it is written first: to be worked, or failed already. */
export interface NewImportLine {
  line: number;
  status: "queued" | "failed";
  source_url: string | null;
  url: string | null;
  reference_id: string | null;
  metadata: string;
  problem: string | null;
}

/** Far below what a bound value may have. */
const CHUNK_CHARS = 500_000;

function chunksOf(lines: readonly NewImportLine[]): string[] {
  const chunks: string[] = [];
  let texts: string[] = [];
  let chars = 0;
  for (const line of lines) {
    const text = JSON.stringify(line);
    if (chars + text.length > CHUNK_CHARS && texts.length > 0) {
      chunks.push(`[${texts.join(",")}]`);
      texts = [];
      chars = 0;
    }
    texts.push(text);
    chars += text.length;
  }
  return [...chunks, `[${texts.join(",")}]`];
}

/** Writes an import with all of its lines; nothing, and false, where its tenant has no room for it. */
export async function saveImport(
  db: D1Database,
  { id, tenant, library, total, bytes, key_id }: NewImport,
  lines: readonly NewImportLine[],
  { openImports, importBytes }: ImportRoom,
  nowIso: string,
): Promise<boolean> {
  const insert = db.prepare(
    `INSERT INTO import_lines (import_id, line, status, source_url, url, reference_id, metadata, problem,
                               due_at, updated_at)
     SELECT ?1, value ->> 'line', value ->> 'status', value ->> 'source_url', value ->> 'url',
            value ->> 'reference_id', value ->> 'metadata', value ->> 'problem', ?3, ?3
     FROM json_each(?2) WHERE EXISTS (SELECT 1 FROM imports WHERE id = ?1)`,
  );
  const [saved] = await db.batch([
    db
      .prepare(
        `INSERT INTO imports (id, tenant, library, status, total, created_at, updated_at, bytes, key_id)
         SELECT ?1, ?2, ?3, 'running', ?4, ?5, ?5, ?6, ?7
         WHERE (SELECT COUNT(*) < ?8 AND COALESCE(SUM(bytes), 0) + ?6 <= ?9
                FROM imports WHERE tenant = ?2 AND completed_at IS NULL)`,
      )
      .bind(id, tenant, library, total, nowIso, bytes, key_id, openImports, importBytes),
    ...chunksOf(lines).map((chunk) => insert.bind(id, chunk, nowIso)),
  ]);
  return saved!.meta.changes > 0;
}

const COUNTED = `imports.*, COALESCE(counts, (
  SELECT json_group_object(status, n)
  FROM (SELECT status, COUNT(*) AS n FROM import_lines WHERE import_id = imports.id GROUP BY status)
)) AS counts`;

export function findImport(db: D1Database, tenant: string, id: string): Promise<ImportRow | null> {
  return db
    .prepare(`SELECT ${COUNTED} FROM imports WHERE id = ? AND tenant = ?`)
    .bind(id, tenant)
    .first<ImportRow>();
}

/** Newest first, older than `after` (created_at and id). */
export async function listImports(
  db: D1Database,
  tenant: string,
  { status, library, created_after, created_before }: ImportFilter,
  after: readonly string[] | null,
  limit: number,
): Promise<ImportRow[]> {
  const where = ["tenant = ?"];
  const values: (string | number)[] = [tenant];
  const add = (condition: string, ...bound: string[]) => {
    where.push(condition);
    values.push(...bound);
  };
  if (status) add("status = ?", status);
  if (library) add("library = ?", library);
  if (created_after) add("created_at > ?", created_after);
  if (created_before) add("created_at < ?", created_before);
  if (after !== null) add("(created_at, id) < (?, ?)", ...after);
  const { results } = await db
    .prepare(
      `SELECT ${COUNTED} FROM imports WHERE ${where.join(" AND ")} ORDER BY created_at DESC, id DESC LIMIT ?`,
    )
    .bind(...values, limit)
    .all<ImportRow>();
  return results;
}

/** Ends what has not begun; null when the import is not running. */
export async function cancelImportRow(db: D1Database, id: string, nowIso: string): Promise<boolean> {
  const [cancelled] = await db.batch([
    db
      .prepare(
        "UPDATE imports SET status = 'cancelled', updated_at = ?2 WHERE id = ?1 AND status = 'running'",
      )
      .bind(id, nowIso),
    db
      .prepare(
        `UPDATE import_lines SET status = 'cancelled', source_url = NULL, updated_at = ?2
         WHERE import_id = ?1 AND status = 'queued'
           AND EXISTS (SELECT 1 FROM imports WHERE id = ?1 AND status = 'cancelled')`,
      )
      .bind(id, nowIso),
  ]);
  return cancelled!.meta.changes > 0;
}

/** Takes the turn that a message stands for; null when it was taken before, or there is nothing left to do. */
export function takeTurn(
  db: D1Database,
  id: string,
  turn: number,
  nowIso: string,
): Promise<ImportRow | null> {
  return db
    .prepare(
      `UPDATE imports SET turn = turn + 1, updated_at = ?3
       WHERE id = ?1 AND turn = ?2 AND completed_at IS NULL RETURNING *`,
    )
    .bind(id, turn, nowIso)
    .first<ImportRow>();
}

/** Ends an import that has no open line any more. */
export async function completeImport(db: D1Database, id: string, nowIso: string): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE imports
       SET status = CASE status WHEN 'running' THEN 'completed' ELSE status END, updated_at = ?2, completed_at = ?2,
           counts = (SELECT json_group_object(status, n)
                     FROM (SELECT status, COUNT(*) AS n FROM import_lines WHERE import_id = ?1 GROUP BY status))
       WHERE id = ?1 AND completed_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM import_lines
                         WHERE import_id = ?1 AND status IN ('queued', 'running', 'indexing'))`,
    )
    .bind(id, nowIso)
    .run();
  return meta.changes > 0;
}

/** Imports that nobody works on, marked as touched; what was under way in them is to be begun again. */
export async function touchStaleImports(
  db: D1Database,
  beforeIso: string,
  nowIso: string,
): Promise<Pick<ImportRow, "id" | "tenant" | "turn">[]> {
  const stale = "SELECT id FROM imports WHERE completed_at IS NULL AND updated_at < ?1 LIMIT 100";
  const [, touched] = await db.batch<Pick<ImportRow, "id" | "tenant" | "turn">>([
    db
      .prepare(
        `UPDATE import_lines SET status = 'queued', due_at = ?2, updated_at = ?2
         WHERE import_id IN (${stale}) AND status = 'running' AND updated_at < ?1`,
      )
      .bind(beforeIso, nowIso),
    db
      .prepare(`UPDATE imports SET updated_at = ?2 WHERE id IN (${stale}) RETURNING id, tenant, turn`)
      .bind(beforeIso, nowIso),
  ]);
  return touched?.results ?? [];
}

/** At most `limit` of those that ended before, with their lines. */
export async function deleteOldImports(db: D1Database, beforeIso: string, limit: number): Promise<number> {
  const old = "SELECT id FROM imports WHERE completed_at < ?1 ORDER BY completed_at, id LIMIT ?2";
  const [, removed] = await db.batch([
    db.prepare(`DELETE FROM import_lines WHERE import_id IN (${old})`).bind(beforeIso, limit),
    db.prepare(`DELETE FROM imports WHERE id IN (${old})`).bind(beforeIso, limit),
  ]);
  return removed!.meta.changes;
}
