import type { ReferenceKey } from "@twinframe/shared/contract";
import type { DeletedReferenceRow } from "./reference-row.ts";

const whereKey = "tenant = ?1 AND library = ?2 AND id = ?3";

/** Moves a reference among the deleted ones and raises the epoch, at once; null when there is none. */
export async function deleteReferenceRow(
  db: D1Database,
  { tenant, library, id }: ReferenceKey,
  nowIso: string,
): Promise<DeletedReferenceRow | null> {
  const [, , removed] = await db.batch<DeletedReferenceRow>([
    db
      .prepare(
        `INSERT INTO library_epochs (tenant, library, epoch)
         SELECT ?1, ?2, 1 WHERE EXISTS (SELECT 1 FROM library_references WHERE ${whereKey})
         ON CONFLICT DO UPDATE SET epoch = epoch + 1`,
      )
      .bind(tenant, library, id),
    db
      .prepare(
        `INSERT OR REPLACE INTO deleted_references (tenant, library, id, job_id, object_key, updated_at)
         SELECT tenant, library, id, job_id, object_key, ?4 FROM library_references WHERE ${whereKey}`,
      )
      .bind(tenant, library, id, nowIso),
    db
      .prepare(
        `DELETE FROM library_references WHERE ${whereKey} RETURNING tenant, library, id, job_id, object_key`,
      )
      .bind(tenant, library, id),
  ]);
  return removed?.results[0] ?? null;
}

/**
 * Gives a job's claim up. With `keepTrace` it goes among the deleted references, because the backend may have
 * indexed it without our hearing so.
 */
export const releaseClaim = (
  db: D1Database,
  { tenant, library, id }: ReferenceKey,
  jobId: string,
  options: { keepTrace: boolean; alsoAcknowledged: boolean },
  nowIso: string,
): D1PreparedStatement[] => {
  const claim = `${whereKey} AND job_id = ?4 AND status = 'indexing' AND acknowledged <= ?5`;
  const values = [tenant, library, id, jobId, options.alsoAcknowledged ? 1 : 0];
  const remove = db
    .prepare(
      `DELETE FROM library_references WHERE ${claim} RETURNING tenant, library, id, job_id, object_key`,
    )
    .bind(...values);
  if (!options.keepTrace) return [remove];
  const trace = db
    .prepare(
      `INSERT OR REPLACE INTO deleted_references (tenant, library, id, job_id, object_key, updated_at)
       SELECT tenant, library, id, job_id, NULL, ?6 FROM library_references WHERE ${claim}`,
    )
    .bind(...values, nowIso);
  return [trace, remove];
};

export function findDeleted(
  db: D1Database,
  key: ReferenceKey,
  jobId: string,
): Promise<DeletedReferenceRow | null> {
  return db
    .prepare(`SELECT * FROM deleted_references WHERE ${whereKey} AND job_id = ?4`)
    .bind(key.tenant, key.library, key.id, jobId)
    .first<DeletedReferenceRow>();
}

export const forgetDeleted = (db: D1Database, key: ReferenceKey, jobId: string) =>
  db
    .prepare(`DELETE FROM deleted_references WHERE ${whereKey} AND job_id = ?4`)
    .bind(key.tenant, key.library, key.id, jobId);

/** Notes what the backend has to forget although it never was, or no longer is, a reference. */
export async function noteDeleted(
  db: D1Database,
  key: ReferenceKey,
  jobId: string,
  nowIso: string,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO deleted_references (tenant, library, id, job_id, object_key, updated_at)
       VALUES (?1, ?2, ?3, ?4, NULL, ?5) ON CONFLICT DO UPDATE SET forgotten = 0`,
    )
    .bind(key.tenant, key.library, key.id, jobId, nowIso)
    .run();
}

export async function touchStaleDeleted(
  db: D1Database,
  beforeIso: string,
  nowIso: string,
): Promise<DeletedReferenceRow[]> {
  const { results } = await db
    .prepare(
      `UPDATE deleted_references SET updated_at = ?2
       WHERE rowid IN (SELECT rowid FROM deleted_references WHERE updated_at < ?1 LIMIT 200) RETURNING *`,
    )
    .bind(beforeIso, nowIso)
    .all<DeletedReferenceRow>();
  return results;
}
