export interface EndpointRow {
  id: string;
  tenant: string;
  url: string;
  description: string;
  events: string | null;
  disabled_at: string | null;
  disabled_reason: "requested" | "gone" | "failing" | null;
  failing_since: string | null;
  created_at: string;
}

/** Adds one unless the tenant has `max` of them already. */
export const addEndpoint = (db: D1Database, row: EndpointRow, max: number) =>
  db
    .prepare(
      `INSERT INTO webhook_endpoints (id, tenant, url, description, events, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6
       WHERE (SELECT COUNT(*) FROM webhook_endpoints WHERE tenant = ?2) < ?7`,
    )
    .bind(row.id, row.tenant, row.url, row.description, row.events, row.created_at, max);

export function findEndpoint(db: D1Database, tenant: string, id: string): Promise<EndpointRow | null> {
  return db
    .prepare("SELECT * FROM webhook_endpoints WHERE tenant = ? AND id = ?")
    .bind(tenant, id)
    .first<EndpointRow>();
}

export async function listEndpoints(
  db: D1Database,
  tenant: string,
  afterId: string,
  limit: number,
): Promise<EndpointRow[]> {
  const { results } = await db
    .prepare("SELECT * FROM webhook_endpoints WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?")
    .bind(tenant, afterId, limit)
    .all<EndpointRow>();
  return results;
}

export type EndpointChange = Partial<Pick<EndpointRow, "url" | "description" | "events">> & {
  disabled?: boolean | undefined;
};

/** Changes what is given, in one statement; null when there is no such endpoint. */
export function changeEndpoint(
  db: D1Database,
  tenant: string,
  id: string,
  change: EndpointChange,
  nowIso: string,
): Promise<EndpointRow | null> {
  const sets: string[] = [];
  const values: unknown[] = [];
  for (const column of ["url", "description", "events"] as const) {
    if (change[column] === undefined) continue;
    sets.push(`${column} = ?`);
    values.push(change[column]);
  }
  if (change.disabled === true) {
    sets.push("disabled_at = COALESCE(disabled_at, ?)", "disabled_reason = 'requested'");
    values.push(nowIso);
  } else if (change.disabled === false) {
    sets.push("disabled_at = NULL", "disabled_reason = NULL");
  }
  if (change.disabled === false || change.url !== undefined) sets.push("failing_since = NULL");
  if (sets.length === 0) return findEndpoint(db, tenant, id);
  return db
    .prepare(`UPDATE webhook_endpoints SET ${sets.join(", ")} WHERE tenant = ? AND id = ? RETURNING *`)
    .bind(...values, tenant, id)
    .first<EndpointRow>();
}

export const removeEndpoint = (db: D1Database, tenant: string, id: string) =>
  db.prepare("DELETE FROM webhook_endpoints WHERE tenant = ? AND id = ?").bind(tenant, id);

export const noteWorking = (db: D1Database, id: string) =>
  db
    .prepare("UPDATE webhook_endpoints SET failing_since = NULL WHERE id = ? AND failing_since IS NOT NULL")
    .bind(id);

export const noteFailing = (db: D1Database, id: string, nowIso: string) =>
  db
    .prepare("UPDATE webhook_endpoints SET failing_since = ?2 WHERE id = ?1 AND failing_since IS NULL")
    .bind(id, nowIso);

/** `url`: of the attempt; an owner who has changed it meanwhile has a new start. */
export const disableGone = (db: D1Database, id: string, url: string, nowIso: string) =>
  db
    .prepare(
      `UPDATE webhook_endpoints SET disabled_at = ?3, disabled_reason = 'gone'
       WHERE id = ?1 AND url = ?2 AND disabled_at IS NULL`,
    )
    .bind(id, url, nowIso);

/** Disables it when nothing has arrived since `sinceIso`. */
export const disableFailing = (db: D1Database, id: string, sinceIso: string, nowIso: string) =>
  db
    .prepare(
      `UPDATE webhook_endpoints SET disabled_at = ?3, disabled_reason = 'failing'
       WHERE id = ?1 AND failing_since <= ?2 AND disabled_at IS NULL`,
    )
    .bind(id, sinceIso, nowIso);
