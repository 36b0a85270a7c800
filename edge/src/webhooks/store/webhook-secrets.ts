export interface SecretRow {
  sealed: string;
  retires_at: string | null;
}

/** Of an endpoint, or, with "", of the tenant. */
export interface SecretOwner {
  tenant: string;
  endpointId: string;
}

/** A first secret; changes nothing where there is one. */
export const addSecret = (
  db: D1Database,
  { tenant, endpointId }: SecretOwner,
  sealed: string,
  nowIso: string,
) =>
  db
    .prepare(
      `INSERT OR IGNORE INTO webhook_secrets (tenant, endpoint_id, sealed, created_at)
       VALUES (?, ?, ?, ?)`,
    )
    .bind(tenant, endpointId, sealed, nowIso);

/** Another secret; the one before signs too until `untilIso`. */
export const replaceSecret = (
  db: D1Database,
  owner: SecretOwner,
  sealed: string,
  nowIso: string,
  untilIso: string,
) => [
  db
    .prepare(
      `UPDATE webhook_secrets SET retires_at = ?3
       WHERE tenant = ?1 AND endpoint_id = ?2 AND retires_at IS NULL`,
    )
    .bind(owner.tenant, owner.endpointId, untilIso),
  addSecret(db, owner, sealed, nowIso),
];

/** More would not fit into a header; a secret replaced so often within a day is no longer in use. */
const MAX_LIVE = 10;

/** Those that sign now, the newest first. */
export async function liveSecrets(
  db: D1Database,
  { tenant, endpointId }: SecretOwner,
  nowIso: string,
): Promise<SecretRow[]> {
  const { results } = await db
    .prepare(
      `SELECT sealed, retires_at FROM webhook_secrets
       WHERE tenant = ?1 AND endpoint_id = ?2 AND (retires_at IS NULL OR retires_at > ?3)
       ORDER BY number DESC LIMIT ${MAX_LIVE}`,
    )
    .bind(tenant, endpointId, nowIso)
    .all<SecretRow>();
  return results;
}

export const forgetSecrets = (db: D1Database, { tenant, endpointId }: SecretOwner) =>
  db.prepare("DELETE FROM webhook_secrets WHERE tenant = ? AND endpoint_id = ?").bind(tenant, endpointId);

export const forgetRetiredSecrets = (db: D1Database, nowIso: string) =>
  db.prepare("DELETE FROM webhook_secrets WHERE retires_at <= ?").bind(nowIso);
