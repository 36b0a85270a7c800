const ENDED = "status IN ('completed', 'failed', 'cancelled')";

export interface RemovedCheck {
  id: string;
  completed_at: string;
  /** 1 when it was asked to explain. */
  explain: number | null;
}

const RETURNING = "RETURNING id, completed_at, json_extract(request, '$.explain') AS explain";

/** Deletes a check that has ended, with its decisions and its evidence; null when there is none. */
export async function deleteCheckRow(
  db: D1Database,
  tenant: string,
  id: string,
): Promise<RemovedCheck | null> {
  const own = `id = ?1 AND tenant = ?2 AND ${ENDED}`;
  const [, , removed] = await db.batch<RemovedCheck>([
    db
      .prepare(`DELETE FROM check_decisions WHERE check_id IN (SELECT id FROM checks WHERE ${own})`)
      .bind(id, tenant),
    db
      .prepare(`DELETE FROM check_evidence WHERE check_id IN (SELECT id FROM checks WHERE ${own})`)
      .bind(id, tenant),
    db.prepare(`DELETE FROM checks WHERE ${own} ${RETURNING}`).bind(id, tenant),
  ]);
  return removed?.results[0] ?? null;
}

/** The same for those that ended before, the oldest first, at most `limit`. */
export async function deleteOldChecks(
  db: D1Database,
  beforeIso: string,
  limit: number,
): Promise<RemovedCheck[]> {
  const old = `SELECT id FROM checks WHERE completed_at < ?1 ORDER BY completed_at, id LIMIT ?2`;
  const [, , removed] = await db.batch<RemovedCheck>([
    db.prepare(`DELETE FROM check_decisions WHERE check_id IN (${old})`).bind(beforeIso, limit),
    db.prepare(`DELETE FROM check_evidence WHERE check_id IN (${old})`).bind(beforeIso, limit),
    db.prepare(`DELETE FROM checks WHERE id IN (${old}) ${RETURNING}`).bind(beforeIso, limit),
  ]);
  return removed?.results ?? [];
}
