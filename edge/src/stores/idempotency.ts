export interface Claim {
  tenant: string;
  keyHash: string;
  fingerprint: string;
  /** Who works on it: no two requests have the same. */
  holder: string;
}

export interface IdempotencyRow {
  fingerprint: string;
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
      "SELECT fingerprint, held_until, answer, object_key FROM idempotency WHERE tenant = ? AND key_hash = ?",
    )
    .bind(tenant, keyHash)
    .first<IdempotencyRow>();
}

const HELD = "tenant = ? AND key_hash = ? AND holder = ?";

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
