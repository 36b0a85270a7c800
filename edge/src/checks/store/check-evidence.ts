// What checks' verdicts were made from.

import type { CheckRow } from "./check-row.ts";

/** Beyond it, trying other thresholds on the check is not worth the room. */
export const MAX_EVIDENCE_CHARS = 500_000;

/** To follow the statement that completed the check at `endedIso`: of two runners, the evidence is that one's. */
export const keepEvidence = (db: D1Database, checkId: string, evidence: string, endedIso: string) =>
  db
    .prepare(
      `INSERT OR REPLACE INTO check_evidence (check_id, evidence)
       SELECT id, ?2 FROM checks WHERE id = ?1 AND status = 'completed' AND completed_at = ?3`,
    )
    .bind(checkId, evidence, endedIso);

export type TriedCheckRow = Pick<CheckRow, "id" | "created_at"> & {
  /** Without the matches. */
  result: string;
  evidence: string | null;
};

/** A library's completed checks, the latest first, older than `after` (created_at and id). */
export async function checksToTry(
  db: D1Database,
  { tenant, name }: { tenant: string; name: string },
  sinceIso: string | null,
  after: readonly [string, string] | null,
  limit: number,
): Promise<TriedCheckRow[]> {
  const { results } = await db
    .prepare(
      `SELECT c.id, c.created_at, json_remove(c.result, '$.matches') AS result, e.evidence
       FROM checks c LEFT JOIN check_evidence e ON e.check_id = c.id
       WHERE c.tenant = ?1 AND c.library = ?2 AND c.status = 'completed'
         AND (?3 IS NULL OR c.created_at >= ?3) AND (?4 IS NULL OR (c.created_at, c.id) < (?4, ?5))
       ORDER BY c.created_at DESC, c.id DESC LIMIT ?6`,
    )
    .bind(tenant, name, sinceIso, after?.[0] ?? null, after?.[1] ?? null, limit)
    .all<TriedCheckRow>();
  return results;
}
