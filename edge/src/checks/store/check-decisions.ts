import type { Decision } from "@twinframe/shared/contract";

/** Puts a decision in force, and with those before it. Changes nothing when the check is gone meanwhile. */
export async function saveDecision(db: D1Database, checkId: string, decision: Decision): Promise<void> {
  const text = JSON.stringify(decision);
  await db.batch([
    db.prepare("UPDATE checks SET decision = ?2 WHERE id = ?1").bind(checkId, text),
    db
      .prepare(
        `INSERT INTO check_decisions (check_id, decision)
         SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM checks WHERE id = ?1)`,
      )
      .bind(checkId, text),
  ]);
}

export interface DecisionRow {
  number: number;
  decision: string;
}

/** The latest first, before `number`. */
export async function decisionsOf(
  db: D1Database,
  checkId: string,
  before: number,
  limit: number,
): Promise<DecisionRow[]> {
  const { results } = await db
    .prepare(
      `SELECT number, decision FROM check_decisions WHERE check_id = ? AND number < ?
       ORDER BY number DESC LIMIT ?`,
    )
    .bind(checkId, before, limit)
    .all<DecisionRow>();
  return results;
}
