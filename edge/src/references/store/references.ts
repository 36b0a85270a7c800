import type { AnalysedVideo, ReferenceKey } from "@twinframe/shared/contract";
import type { ReferenceRow } from "./reference-row.ts";

export type NewReference = Pick<
  ReferenceRow,
  "tenant" | "library" | "id" | "sha256" | "job_id" | "object_key" | "source" | "metadata"
>;

const itsClaim = "tenant = ?1 AND library = ?2 AND id = ?3 AND job_id = ?4 AND status = 'indexing'";

/** Takes the id and the content for a job; false when either is taken, or the job is a check that has ended. */
export async function claimReference(db: D1Database, row: NewReference, nowIso: string): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO library_references
         (tenant, library, id, sha256, status, job_id, object_key, source, metadata, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, 'indexing', ?5, ?6, ?7, ?8, ?9, ?9
       WHERE substr(?5, 1, 4) <> 'chk_'
          OR EXISTS (SELECT 1 FROM checks WHERE id = ?5 AND status IN ('queued', 'running'))
       ON CONFLICT DO NOTHING`,
    )
    .bind(
      row.tenant,
      row.library,
      row.id,
      row.sha256,
      row.job_id,
      row.object_key,
      row.source,
      row.metadata,
      nowIso,
    )
    .run();
  return meta.changes > 0;
}

export function findReference(db: D1Database, key: ReferenceKey): Promise<ReferenceRow | null> {
  return db
    .prepare("SELECT * FROM library_references WHERE tenant = ? AND library = ? AND id = ?")
    .bind(key.tenant, key.library, key.id)
    .first<ReferenceRow>();
}

/** The rows that hold the id or the content: at most two. */
export async function findHolders(
  db: D1Database,
  { tenant, library, id }: ReferenceKey,
  sha256: string,
): Promise<{ byId: ReferenceRow | undefined; byContent: ReferenceRow | undefined }> {
  const { results } = await db
    .prepare(
      `SELECT * FROM library_references WHERE tenant = ?1 AND library = ?2 AND id = ?3
       UNION
       SELECT * FROM library_references WHERE tenant = ?1 AND library = ?2 AND sha256 = ?4`,
    )
    .bind(tenant, library, id, sha256)
    .all<ReferenceRow>();
  return {
    byId: results.find((row) => row.id === id),
    byContent: results.find((row) => row.sha256 === sha256),
  };
}

export const readyByContent = (db: D1Database, tenant: string, library: string, sha256: string) =>
  db
    .prepare(
      `SELECT * FROM library_references
       WHERE tenant = ? AND library = ? AND sha256 = ? AND status = 'ready' AND disabled_at IS NULL`,
    )
    .bind(tenant, library, sha256);

/** Those of `ids` that exist. */
export async function findReferences(
  db: D1Database,
  tenant: string,
  library: string,
  ids: readonly string[],
): Promise<Map<string, ReferenceRow>> {
  if (ids.length === 0) return new Map();
  const { results } = await db
    .prepare(
      `SELECT * FROM library_references
       WHERE tenant = ? AND library = ? AND id IN (SELECT value FROM json_each(?))`,
    )
    .bind(tenant, library, JSON.stringify(ids))
    .all<ReferenceRow>();
  return new Map(results.map((row) => [row.id, row]));
}

/** Makes a claim a reference. Changes nothing when the claim is gone or was made good before. */
export const makeReady = (
  db: D1Database,
  key: ReferenceKey,
  jobId: string,
  video: AnalysedVideo,
  objectKey: string | null,
  nowIso: string,
) =>
  db
    .prepare(
      `UPDATE library_references
       SET status = 'ready', duration_s = ?1, frames = ?2, packets_sha256 = ?3, updated_at = ?4,
           object_key = ?5, seen_s = ?10
       WHERE tenant = ?6 AND library = ?7 AND id = ?8 AND job_id = ?9 AND status = 'indexing'`,
    )
    .bind(
      video.duration_s,
      video.frames,
      video.packets_sha256,
      nowIso,
      objectKey,
      key.tenant,
      key.library,
      key.id,
      jobId,
      video.seen_s,
    );

export async function acknowledgeReference(
  db: D1Database,
  key: ReferenceKey,
  jobId: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE library_references SET acknowledged = 1
       WHERE tenant = ? AND library = ? AND id = ? AND job_id = ?`,
    )
    .bind(key.tenant, key.library, key.id, jobId)
    .run();
  return meta.changes > 0;
}

/** Sets a claim aside until it is due. False when it is gone or made good, or another runner has done so. */
export async function postponeClaim(
  db: D1Database,
  key: ReferenceKey,
  jobId: string,
  dueIso: string,
  nowIso: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE library_references SET failures = failures + 1, due_at = ?5, updated_at = ?6
       WHERE ${itsClaim} AND (due_at IS NULL OR due_at <= ?6)`,
    )
    .bind(key.tenant, key.library, key.id, jobId, dueIso, nowIso)
    .run();
  return meta.changes > 0;
}

/** A runner has the claim now. */
export async function takeClaim(
  db: D1Database,
  key: ReferenceKey,
  jobId: string,
  nowIso: string,
): Promise<void> {
  await db
    .prepare(`UPDATE library_references SET due_at = NULL, updated_at = ?5 WHERE ${itsClaim}`)
    .bind(key.tenant, key.library, key.id, jobId, nowIso)
    .run();
}

/** Has the next sweep take a claim up. */
export async function makeClaimDue(
  db: D1Database,
  key: ReferenceKey,
  jobId: string,
  nowIso: string,
): Promise<void> {
  await db
    .prepare(`UPDATE library_references SET due_at = ?5 WHERE ${itsClaim} AND due_at IS NULL`)
    .bind(key.tenant, key.library, key.id, jobId, nowIso)
    .run();
}

/** Claims untouched since `beforeIso` or due since `dueIso`, marked as taken up. */
export async function touchStaleClaims(
  db: D1Database,
  beforeIso: string,
  dueIso: string,
  nowIso: string,
): Promise<ReferenceRow[]> {
  const isOpen = "status = 'indexing'";
  const { results } = await db
    .prepare(
      `UPDATE library_references SET updated_at = ?3, due_at = NULL
       WHERE rowid IN (SELECT rowid FROM library_references
                       WHERE ${isOpen} AND due_at IS NULL AND updated_at < ?1
                       UNION ALL SELECT rowid FROM library_references WHERE ${isOpen} AND due_at < ?2
                       LIMIT 200)
       RETURNING *`,
    )
    .bind(beforeIso, dueIso, nowIso)
    .all<ReferenceRow>();
  return results;
}
