// References that turned out not to be what their rows say.

import type { ReferenceKey } from "@twinframe/shared/contract";
import type { Problem } from "@twinframe/shared/problem";

const whereJob = "tenant = ?1 AND library = ?2 AND id = ?3 AND job_id = ?4";

/** The reference as failed: its row goes among the deleted ones, with why. Nothing when it is another by now. */
export async function failReady(
  db: D1Database,
  { tenant, library, id }: ReferenceKey,
  jobId: string,
  problem: Problem,
  nowIso: string,
): Promise<boolean> {
  const key = [tenant, library, id, jobId];
  const ready = `SELECT 1 FROM library_references WHERE ${whereJob} AND status = 'ready'`;
  const results = await db.batch([
    db
      .prepare(
        `INSERT OR REPLACE INTO reference_failures (tenant, library, id, problem, created_at)
         SELECT ?1, ?2, ?3, ?5, ?6 WHERE EXISTS (${ready})`,
      )
      .bind(...key, JSON.stringify(problem), nowIso),
    db
      .prepare(
        `INSERT INTO library_epochs (tenant, library, epoch) SELECT ?1, ?2, 1 WHERE EXISTS (${ready})
         ON CONFLICT DO UPDATE SET epoch = epoch + 1`,
      )
      .bind(...key),
    db
      .prepare(
        `INSERT OR REPLACE INTO deleted_references (tenant, library, id, job_id, object_key, updated_at)
         SELECT tenant, library, id, job_id, object_key, ?5 FROM library_references
         WHERE ${whereJob} AND status = 'ready'`,
      )
      .bind(...key, nowIso),
    db.prepare(`DELETE FROM library_references WHERE ${whereJob} AND status = 'ready'`).bind(...key),
  ]);
  return results.at(-1)!.meta.changes > 0;
}

export async function forgetObjectKey(
  db: D1Database,
  { tenant, library, id }: ReferenceKey,
  jobId: string,
  objectKey: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE library_references SET object_key = NULL WHERE ${whereJob} AND object_key = ?5 AND status = 'ready'`,
    )
    .bind(tenant, library, id, jobId, objectKey)
    .run();
  return meta.changes > 0;
}
