import type { ReferenceKey } from "@twinframe/shared/contract";
import type { Problem } from "@twinframe/shared/problem";

/** To go before the statement that gives the job's claim up; changes nothing when it is gone already. */
export const noteFailure = (
  db: D1Database,
  key: ReferenceKey,
  jobId: string,
  problem: Problem,
  nowIso: string,
) =>
  db
    .prepare(
      `INSERT OR REPLACE INTO reference_failures (tenant, library, id, problem, created_at)
       SELECT tenant, library, id, ?5, ?6 FROM library_references
       WHERE tenant = ?1 AND library = ?2 AND id = ?3 AND job_id = ?4 AND status = 'indexing'`,
    )
    .bind(key.tenant, key.library, key.id, jobId, JSON.stringify(problem), nowIso);

export async function findFailure(db: D1Database, key: ReferenceKey): Promise<Problem | null> {
  const row = await db
    .prepare("SELECT problem FROM reference_failures WHERE tenant = ? AND library = ? AND id = ?")
    .bind(key.tenant, key.library, key.id)
    .first<{ problem: string }>();
  return row === null ? null : (JSON.parse(row.problem) as Problem);
}

export async function forgetFailuresBefore(db: D1Database, beforeIso: string): Promise<void> {
  await db.prepare("DELETE FROM reference_failures WHERE created_at < ?").bind(beforeIso).run();
}
