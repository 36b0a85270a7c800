// Who did what to the installation. Rows are only ever added, and go when they are old.

import type { AuditFilter } from "@twinframe/shared/contract";

export interface NewAudit {
  keyId: string;
  keyTenant: string;
  action: string;
  subject: object;
  outcome: string;
  jobId?: string;
}

export interface AuditRow {
  number: number;
  at: string;
  key_id: string;
  key_tenant: string;
  action: string;
  subject: string;
  outcome: string;
  job_id: string | null;
}

export const addAudit = (db: D1Database, entry: NewAudit, nowIso: string) =>
  db
    .prepare(
      `INSERT INTO audit (at, key_id, key_tenant, action, subject, outcome, job_id)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      ...[nowIso, entry.keyId, entry.keyTenant, entry.action],
      ...[JSON.stringify(entry.subject), entry.outcome, entry.jobId ?? null],
    );

/** Newest first, with numbers below `before`. */
export async function listAudit(
  db: D1Database,
  { action, job_id }: AuditFilter,
  before: number | null,
  limit: number,
): Promise<AuditRow[]> {
  const { results } = await db
    .prepare(
      `SELECT * FROM audit
       WHERE (?1 IS NULL OR substr(action, 1, length(?1)) = ?1) AND (?2 IS NULL OR job_id = ?2)
         AND (?3 IS NULL OR number < ?3)
       ORDER BY number DESC LIMIT ?4`,
    )
    .bind(action ?? null, job_id ?? null, before, limit)
    .all<AuditRow>();
  return results;
}

export async function forgetAuditBefore(db: D1Database, beforeIso: string): Promise<void> {
  await db.prepare("DELETE FROM audit WHERE at < ?").bind(beforeIso).run();
}
