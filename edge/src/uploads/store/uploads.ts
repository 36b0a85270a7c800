import type { Problem } from "@twinframe/shared/problem";
import type { UploadRow } from "../../ingest/store/uploads.ts";

export async function insertUpload(db: D1Database, row: UploadRow): Promise<void> {
  await db
    .prepare(
      `INSERT INTO uploads (id, tenant, status, via, object_key, multipart_id, bytes, part_bytes, content_type,
                            declared_sha256, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      ...[row.id, row.tenant, row.status, row.via, row.object_key, row.multipart_id, row.bytes],
      ...[row.part_bytes, row.content_type, row.declared_sha256, row.created_at, row.expires_at],
    )
    .run();
}

export async function countUploads(db: D1Database, tenant: string, nowIso: string): Promise<number> {
  const row = await db
    .prepare("SELECT COUNT(*) AS count FROM uploads WHERE tenant = ? AND expires_at > ?")
    .bind(tenant, nowIso)
    .first<{ count: number }>();
  return row?.count ?? 0;
}

/** False when the upload takes no parts any more. */
export async function noteUploadPart(
  db: D1Database,
  id: string,
  part: number,
  etag: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT OR REPLACE INTO upload_parts (upload_id, part, etag)
       SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM uploads WHERE id = ?1 AND status = 'open')`,
    )
    .bind(id, part, etag)
    .run();
  return meta.changes > 0;
}

export async function uploadParts(db: D1Database, id: string): Promise<{ part: number; etag: string }[]> {
  const { results } = await db
    .prepare("SELECT part, etag FROM upload_parts WHERE upload_id = ? ORDER BY part")
    .bind(id)
    .all<{ part: number; etag: string }>();
  return results;
}

export async function markVerifying(db: D1Database, id: string): Promise<void> {
  await db.prepare("UPDATE uploads SET status = 'verifying' WHERE id = ? AND status = 'open'").bind(id).run();
}

/** The end of a verification: the first one holds. */
export async function settleUpload(
  db: D1Database,
  id: string,
  outcome: { sha256: string } | { problem: Problem },
): Promise<void> {
  const [status, sha256, problem] =
    "sha256" in outcome ? ["ready", outcome.sha256, null] : ["failed", null, JSON.stringify(outcome.problem)];
  await db
    .prepare(
      "UPDATE uploads SET status = ?2, sha256 = ?3, problem = ?4 WHERE id = ?1 AND status = 'verifying'",
    )
    .bind(id, status, sha256, problem)
    .run();
}

/** From now on it answers as an unknown one. */
export async function expireUpload(db: D1Database, id: string, nowIso: string): Promise<void> {
  await db
    .prepare("UPDATE uploads SET expires_at = ?2 WHERE id = ?1 AND expires_at > ?2")
    .bind(id, nowIso)
    .run();
}

export async function expiredUploads(db: D1Database, nowIso: string): Promise<UploadRow[]> {
  const { results } = await db
    .prepare("SELECT * FROM uploads WHERE expires_at <= ? ORDER BY expires_at LIMIT 100")
    .bind(nowIso)
    .all<UploadRow>();
  return results;
}

/** Whether a check or a reference that is under way still reads the object. */
export async function isObjectInUse(db: D1Database, objectKey: string): Promise<boolean> {
  const row = await db
    .prepare(
      `SELECT 1 FROM checks WHERE object_key = ?1 AND status IN ('queued', 'running')
       UNION ALL
       SELECT 1 FROM library_references WHERE object_key = ?1 AND status = 'indexing' LIMIT 1`,
    )
    .bind(objectKey)
    .first();
  return row !== null;
}

export async function deleteUpload(db: D1Database, id: string): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM upload_parts WHERE upload_id = ?").bind(id),
    db.prepare("DELETE FROM uploads WHERE id = ?").bind(id),
  ]);
}
