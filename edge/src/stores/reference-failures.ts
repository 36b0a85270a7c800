import type { Problem } from "@twinframe/shared/problem";
import type { ReferenceKey } from "../jobs/messages.ts";

export const noteFailure = (db: D1Database, key: ReferenceKey, problem: Problem, nowIso: string) =>
  db
    .prepare(
      `INSERT OR REPLACE INTO reference_failures (tenant, library, id, problem, created_at)
       VALUES (?, ?, ?, ?, ?)`,
    )
    .bind(key.tenant, key.library, key.id, JSON.stringify(problem), nowIso);

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
