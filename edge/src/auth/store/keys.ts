export interface KeyRow {
  id: string;
  tenant: string;
  name: string;
  scopes: string;
  per_minute: number | null;
  per_day: number | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  created_at: string;
  /** Of the secret that a rotation has replaced; perhaps past. */
  previous_secret_expires_at: string | null;
}

/** A key with one of its secrets. */
export interface SecretRow extends Omit<KeyRow, "previous_secret_expires_at"> {
  hash: string;
  secret_expires_at: string | null;
}

const secrets = (where: string) =>
  `SELECT k.*, s.hash, s.expires_at AS secret_expires_at
   FROM key_secrets s JOIN keys k ON k.id = s.key_id WHERE ${where}`;

/** The secrets of the key that `id` names; of a key without an id, the one with this hash. */
export async function findSecrets(db: D1Database, id: string | null, hash: string): Promise<SecretRow[]> {
  const found =
    id === null ? db.prepare(secrets("s.hash = ?")).bind(hash) : db.prepare(secrets("s.key_id = ?")).bind(id);
  return (await found.all<SecretRow>()).results;
}

const KEYS = `SELECT k.*, (SELECT max(expires_at) FROM key_secrets WHERE key_id = k.id) AS previous_secret_expires_at
  FROM keys k`;

export function findKey(db: D1Database, tenant: string, id: string): Promise<KeyRow | null> {
  return db.prepare(`${KEYS} WHERE k.tenant = ? AND k.id = ?`).bind(tenant, id).first<KeyRow>();
}

/** Newest first; with ids below `beforeId`. */
export async function listKeys(
  db: D1Database,
  tenant: string,
  beforeId: string | null,
  limit: number,
): Promise<KeyRow[]> {
  const { results } = await db
    .prepare(`${KEYS} WHERE k.tenant = ?1 AND (?2 IS NULL OR k.id < ?2) ORDER BY k.id DESC LIMIT ?3`)
    .bind(tenant, beforeId, limit)
    .all<KeyRow>();
  return results;
}

const insertSecret = (db: D1Database, id: string, hash: string, nowIso: string) =>
  db.prepare("INSERT INTO key_secrets (hash, key_id, created_at) VALUES (?, ?, ?)").bind(hash, id, nowIso);

export type NewKey = Pick<
  KeyRow,
  "id" | "tenant" | "name" | "scopes" | "per_minute" | "per_day" | "expires_at"
>;

export async function insertKey(db: D1Database, key: NewKey, hash: string, nowIso: string): Promise<void> {
  const { id, tenant, name, scopes, per_minute, per_day, expires_at } = key;
  await db.batch([
    db
      .prepare(
        `INSERT INTO keys (id, tenant, name, scopes, per_minute, per_day, expires_at, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(id, tenant, name, scopes, per_minute, per_day, expires_at, nowIso),
    insertSecret(db, id, hash, nowIso),
  ]);
}

export type KeyChange = Partial<Pick<KeyRow, "name" | "scopes" | "per_minute" | "per_day" | "expires_at">>;
const CHANGEABLE = ["name", "scopes", "per_minute", "per_day", "expires_at"] as const;

/** Touches only what is given, so that changes at the same time do not undo each other. False for a revoked key. */
export async function updateKey(
  db: D1Database,
  tenant: string,
  id: string,
  change: KeyChange,
): Promise<boolean> {
  const given = CHANGEABLE.filter((column) => change[column] !== undefined);
  const assignments = ["id = id", ...given.map((column) => `${column} = ?`)].join(", ");
  const { meta } = await db
    .prepare(`UPDATE keys SET ${assignments} WHERE tenant = ? AND id = ? AND revoked_at IS NULL`)
    .bind(...given.map((column) => change[column]), tenant, id)
    .run();
  return meta.changes > 0;
}

export async function revokeKey(db: D1Database, tenant: string, id: string, nowIso: string): Promise<void> {
  await db
    .prepare("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE tenant = ? AND id = ?")
    .bind(nowIso, tenant, id)
    .run();
}

/** The secret before stays valid until `previousEndsIso`; one that was replaced earlier ends now. */
export async function replaceSecret(
  db: D1Database,
  id: string,
  hash: string,
  nowIso: string,
  previousEndsIso: string,
): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM key_secrets WHERE key_id = ? AND expires_at IS NOT NULL").bind(id),
    db.prepare("UPDATE key_secrets SET expires_at = ? WHERE key_id = ?").bind(previousEndsIso, id),
    insertSecret(db, id, hash, nowIso),
  ]);
}

export async function noteKeyUse(
  db: D1Database,
  id: string,
  nowIso: string,
  beforeIso: string,
): Promise<void> {
  await db
    .prepare(
      "UPDATE keys SET last_used_at = ?2 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?3)",
    )
    .bind(id, nowIso, beforeIso)
    .run();
}
