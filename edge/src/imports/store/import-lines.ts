import type { ImportLineStatus } from "@twinframe/shared/contract";
import type { Problem } from "@twinframe/shared/problem";

export interface ImportLineRow {
  import_id: string;
  line: number;
  status: ImportLineStatus;
  source_url: string | null;
  url: string | null;
  reference_id: string | null;
  metadata: string;
  problem: string | null;
  attempts: number;
}

/** Takes the next line that is due; null when there is none. */
export function takeLine(db: D1Database, importId: string, nowIso: string): Promise<ImportLineRow | null> {
  return db
    .prepare(
      `UPDATE import_lines SET status = 'running', attempts = attempts + 1, updated_at = ?2
       WHERE import_id = ?1 AND line = (SELECT line FROM import_lines
                                        WHERE import_id = ?1 AND status = 'queued' AND due_at <= ?2
                                        ORDER BY line LIMIT 1)
       RETURNING *`,
    )
    .bind(importId, nowIso)
    .first<ImportLineRow>();
}

/** What somebody else took up again after a long silence is that one's to end. */
const mine = "import_id = ?1 AND line = ?2 AND status = 'running' AND attempts = ?3";

/** The line's reference is there, or promised. The address is forgotten with it. */
export async function settleLine(
  db: D1Database,
  { import_id, line, attempts }: ImportLineRow,
  status: "done" | "indexing",
  referenceId: string,
  nowIso: string,
): Promise<void> {
  await db
    .prepare(
      `UPDATE import_lines SET status = ?4, reference_id = ?5, source_url = NULL, problem = NULL, updated_at = ?6
       WHERE ${mine}`,
    )
    .bind(import_id, line, attempts, status, referenceId, nowIso)
    .run();
}

export async function failLine(
  db: D1Database,
  { import_id, line, attempts }: ImportLineRow,
  problem: Problem,
  nowIso: string,
): Promise<void> {
  await db
    .prepare(
      `UPDATE import_lines SET status = 'failed', problem = ?4, source_url = NULL, updated_at = ?5
       WHERE ${mine}`,
    )
    .bind(import_id, line, attempts, JSON.stringify(problem), nowIso)
    .run();
}

/** To be tried again at `dueIso`, unless the import was cancelled meanwhile; what does not count was no attempt. */
export async function postponeLine(
  db: D1Database,
  { import_id, line, attempts }: ImportLineRow,
  problem: Problem,
  dueIso: string,
  nowIso: string,
  { counts = true } = {},
): Promise<void> {
  const cancelled = "EXISTS (SELECT 1 FROM imports WHERE id = ?1 AND status = 'cancelled')";
  await db
    .prepare(
      `UPDATE import_lines
       SET status = CASE WHEN ${cancelled} THEN 'cancelled' ELSE 'queued' END,
           source_url = CASE WHEN ${cancelled} THEN NULL ELSE source_url END,
           problem = ?4, due_at = ?5, updated_at = ?6, attempts = attempts - ?7
       WHERE ${mine}`,
    )
    .bind(import_id, line, attempts, JSON.stringify(problem), dueIso, nowIso, counts ? 0 : 1)
    .run();
}

/** Ends the lines whose promised references have become ready, or never will. */
export async function settleIndexed(
  db: D1Database,
  { id, tenant, library }: { id: string; tenant: string; library: string },
  lost: Problem,
  nowIso: string,
): Promise<void> {
  const its = "tenant = ?2 AND library = ?3 AND id = import_lines.reference_id";
  await db.batch([
    db
      .prepare(
        `UPDATE import_lines SET status = 'done', updated_at = ?4
         WHERE import_id = ?1 AND status = 'indexing'
           AND EXISTS (SELECT 1 FROM library_references WHERE ${its} AND status = 'ready')`,
      )
      .bind(id, tenant, library, nowIso),
    db
      .prepare(
        `UPDATE import_lines
         SET status = 'failed', updated_at = ?4,
             problem = COALESCE((SELECT problem FROM reference_failures WHERE ${its}), ?5)
         WHERE import_id = ?1 AND status = 'indexing'
           AND NOT EXISTS (SELECT 1 FROM library_references WHERE ${its})`,
      )
      .bind(id, tenant, library, nowIso, JSON.stringify(lost)),
  ]);
}

/** In the file's order, after line `after`. */
export async function listLines(
  db: D1Database,
  importId: string,
  status: ImportLineStatus | undefined,
  after: number,
  limit: number,
): Promise<ImportLineRow[]> {
  const { results } = await db
    .prepare(
      `SELECT * FROM import_lines WHERE import_id = ? AND line > ? ${status ? "AND status = ?" : ""}
       ORDER BY line LIMIT ?`,
    )
    .bind(importId, after, ...(status ? [status] : []), limit)
    .all<ImportLineRow>();
  return results;
}
