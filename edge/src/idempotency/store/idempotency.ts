export interface Claim {
  tenant: string;
  keyHash: string;
  fingerprint: string;
  /** Who works on it: no two requests have the same. */
  holder: string;
}

export interface IdempotencyRow {
  fingerprint: string;
  /** Of a video, once all of it has come. */
  body_sha256: string | null;
  held_until: string;
  answer: number[] | null;
  object_key: string | null;
}

/** True when the work is now this holder's: the key is new, or whoever had it is gone for good. */
export async function claimKey(
  db: D1Database,
  { tenant, keyHash, fingerprint, holder }: Claim,
  times: { nowIso: string; heldUntil: string; expiresAt: string },
): Promise<boolean> {
  const row = await db
    .prepare(
      `INSERT INTO idempotency (tenant, key_hash, fingerprint, holder, held_until, expires_at)
       VALUES (?1, ?2, ?3, ?4, ?6, ?7)
       ON CONFLICT (tenant, key_hash) DO UPDATE
       SET fingerprint = excluded.fingerprint, holder = excluded.holder, held_until = excluded.held_until,
           body_sha256 = CASE WHEN expires_at <= ?5 THEN NULL ELSE body_sha256 END,
           expires_at = excluded.expires_at, answer = NULL, object_key = NULL
       WHERE expires_at <= ?5
          OR (answer IS NULL AND object_key IS NULL AND held_until <= ?5 AND fingerprint = excluded.fingerprint)
       RETURNING holder`,
    )
    .bind(tenant, keyHash, fingerprint, holder, times.nowIso, times.heldUntil, times.expiresAt)
    .first();
  return row !== null;
}

export function findIdempotency(
  db: D1Database,
  tenant: string,
  keyHash: string,
): Promise<IdempotencyRow | null> {
  return db
    .prepare(
      `SELECT fingerprint, body_sha256, held_until, answer, object_key
       FROM idempotency WHERE tenant = ? AND key_hash = ?`,
    )
    .bind(tenant, keyHash)
    .first<IdempotencyRow>();
}

const HELD = "tenant = ? AND key_hash = ? AND holder = ?";

/** False when another body was noted before, or the key is another's by now. */
export async function noteBody(
  db: D1Database,
  { tenant, keyHash, holder }: Claim,
  sha256: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE idempotency SET body_sha256 = ?1
       WHERE tenant = ?2 AND key_hash = ?3 AND holder = ?4 AND COALESCE(body_sha256, ?1) = ?1`,
    )
    .bind(sha256, tenant, keyHash, holder)
    .run();
  return meta.changes > 0;
}

/** Holds the key no longer, and leaves what is noted of it to the request that it belongs to. */
export async function yieldKey(
  db: D1Database,
  { tenant, keyHash, holder }: Claim,
  nowIso: string,
): Promise<void> {
  await db
    .prepare(`UPDATE idempotency SET held_until = ? WHERE ${HELD}`)
    .bind(nowIso, tenant, keyHash, holder)
    .run();
}

export async function keepAnswer(
  db: D1Database,
  { tenant, keyHash, holder }: Claim,
  { answer, objectKey }: { answer: ArrayBuffer | null; objectKey: string | null },
): Promise<void> {
  await db
    .prepare(`UPDATE idempotency SET answer = ?, object_key = ? WHERE ${HELD}`)
    .bind(answer, objectKey, tenant, keyHash, holder)
    .run();
}

export async function releaseKey(db: D1Database, { tenant, keyHash, holder }: Claim): Promise<void> {
  await db.prepare(`DELETE FROM idempotency WHERE ${HELD}`).bind(tenant, keyHash, holder).run();
}

export async function forgetAnswersBefore(db: D1Database, beforeIso: string): Promise<void> {
  await db.prepare("DELETE FROM idempotency WHERE expires_at < ?").bind(beforeIso).run();
}
