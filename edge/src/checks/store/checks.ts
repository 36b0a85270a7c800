import type { Problem } from "@twinframe/shared/problem";
import type { CheckRow, StoredResult } from "./check-row.ts";

export type UnfinishedCheck = Omit<
  CheckRow,
  "result" | "verdict" | "problem" | "decision" | "failures" | "due_at" | "updated_at" | "completed_at"
> & {
  /** Its row has been written before: when it is gone now, somebody deleted it, and it stays gone. */
  isStored: boolean;
};

export const isFinished = ({ status }: Pick<CheckRow, "status">) =>
  status !== "queued" && status !== "running";

const isOpen = "status IN ('queued', 'running')";
const mayStand = (stored: string, id: string) =>
  `(${stored} = 0 OR EXISTS (SELECT 1 FROM checks WHERE id = ${id}))`;

/** Writes down how far an unfinished check has come; a finished one stays as it is. */
export const saveUnfinished = (db: D1Database, row: UnfinishedCheck, nowIso: string) =>
  db
    .prepare(
      `INSERT INTO checks (id, tenant, library, status, request, source_url, sha256, bytes, object_key,
                           intake_ms, created_at, updated_at, policy)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 WHERE ${mayStand("?14", "?1")}
       ON CONFLICT (id) DO UPDATE
       SET status = excluded.status, source_url = excluded.source_url, sha256 = excluded.sha256,
           bytes = excluded.bytes, object_key = excluded.object_key, intake_ms = excluded.intake_ms,
           updated_at = excluded.updated_at, policy = COALESCE(policy, excluded.policy), due_at = NULL
       WHERE ${isOpen}`,
    )
    .bind(
      row.id,
      row.tenant,
      row.library,
      row.status,
      row.request,
      row.source_url,
      row.sha256,
      row.bytes,
      row.object_key,
      row.intake_ms,
      row.created_at,
      nowIso,
      row.policy,
      row.isStored ? 1 : 0,
    );

/** Completes a check, whether or not its row was written before; a finished one stays as it is. */
export const saveCompleted = (db: D1Database, row: UnfinishedCheck, result: StoredResult, nowIso: string) =>
  db
    .prepare(
      `INSERT INTO checks (id, tenant, library, status, request, sha256, bytes, intake_ms, result,
                           created_at, updated_at, completed_at)
       SELECT ?1, ?2, ?3, 'completed', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10 WHERE ${mayStand("?11", "?1")}
       ON CONFLICT (id) DO UPDATE
       SET status = 'completed', source_url = NULL, object_key = NULL, sha256 = excluded.sha256,
           bytes = excluded.bytes, intake_ms = excluded.intake_ms, result = excluded.result, problem = NULL,
           updated_at = excluded.updated_at, completed_at = excluded.completed_at
       WHERE ${isOpen}`,
    )
    .bind(
      row.id,
      row.tenant,
      row.library,
      row.request,
      row.sha256,
      row.bytes,
      row.intake_ms,
      JSON.stringify(result),
      row.created_at,
      nowIso,
      row.isStored ? 1 : 0,
    );

export const failCheckRow = (db: D1Database, id: string, problem: Problem, nowIso: string) =>
  db
    .prepare(
      `UPDATE checks SET status = 'failed', problem = ?2, source_url = NULL, object_key = NULL,
                         updated_at = ?3, completed_at = ?3
       WHERE id = ?1 AND ${isOpen}`,
    )
    .bind(id, JSON.stringify(problem), nowIso);

export const cancelCheckRow = (db: D1Database, id: string, nowIso: string) =>
  db
    .prepare(
      `UPDATE checks SET status = 'cancelled', problem = NULL, source_url = NULL, object_key = NULL,
                         updated_at = ?2, completed_at = ?2
       WHERE id = ?1 AND ${isOpen}`,
    )
    .bind(id, nowIso);

/**
 * Sets an unfinished check aside until it is due, with what it fails with if its time runs out. False when it has
 * ended, or another runner has done so.
 */
export async function postponeCheck(
  db: D1Database,
  id: string,
  problem: Problem,
  dueIso: string,
  nowIso: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE checks SET problem = ?2, failures = failures + 1, due_at = ?3, updated_at = ?4
       WHERE id = ?1 AND ${isOpen} AND (due_at IS NULL OR due_at <= ?4)`,
    )
    .bind(id, JSON.stringify(problem), dueIso, nowIso)
    .run();
  return meta.changes > 0;
}

/** Has the next sweep take an unfinished check up. */
export async function makeCheckDue(db: D1Database, id: string, nowIso: string): Promise<void> {
  await db
    .prepare(`UPDATE checks SET due_at = ?2 WHERE id = ?1 AND ${isOpen} AND due_at IS NULL`)
    .bind(id, nowIso)
    .run();
}

export function findCheck(db: D1Database, id: string): Promise<CheckRow | null> {
  return db.prepare("SELECT * FROM checks WHERE id = ?").bind(id).first<CheckRow>();
}

/** Unfinished checks untouched since `beforeIso` or due since `dueIso`, marked as taken up. */
export async function touchStaleChecks(
  db: D1Database,
  beforeIso: string,
  dueIso: string,
  nowIso: string,
): Promise<{ id: string; tenant: string }[]> {
  const { results } = await db
    .prepare(
      `UPDATE checks SET updated_at = ?3, due_at = NULL
       WHERE id IN (SELECT id FROM checks WHERE ${isOpen} AND due_at IS NULL AND updated_at < ?1
                    UNION ALL SELECT id FROM checks WHERE ${isOpen} AND due_at < ?2
                    LIMIT 200)
       RETURNING id, tenant`,
    )
    .bind(beforeIso, dueIso, nowIso)
    .all<{ id: string; tenant: string }>();
  return results;
}
