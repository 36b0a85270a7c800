// Everything that rows say of a tenant: taken away a piece at a time, and counted.

/** Ends what the tenant's keys may do, and what of its work has not begun. */
export async function closeTenant(db: D1Database, tenant: string, nowIso: string): Promise<void> {
  await db.batch([
    db
      .prepare("UPDATE keys SET revoked_at = COALESCE(revoked_at, ?2) WHERE tenant = ?1")
      .bind(tenant, nowIso),
    db
      .prepare(
        `UPDATE import_lines SET status = 'cancelled', source_url = NULL, updated_at = ?2
         WHERE import_id IN (SELECT id FROM imports WHERE tenant = ?1) AND status = 'queued'`,
      )
      .bind(tenant, nowIso),
    db
      .prepare(
        "UPDATE imports SET status = 'cancelled', updated_at = ?2 WHERE tenant = ?1 AND status = 'running'",
      )
      .bind(tenant, nowIso),
  ]);
}

/** Analyses that may be under way for the tenant. */
export async function openAnalyses(
  db: D1Database,
  tenant: string,
  limit: number,
): Promise<{ id: string; library: string; index: string | null }[]> {
  const { results } = await db
    .prepare(
      `SELECT id, library, json_extract(request, '$.index') AS "index"
       FROM checks WHERE tenant = ?1 AND status IN ('queued', 'running')
       UNION SELECT job_id, library, NULL FROM library_references WHERE tenant = ?1 AND status = 'indexing'
       LIMIT ?2`,
    )
    .bind(tenant, limit)
    .all<{ id: string; library: string; index: string | null }>();
  return results;
}

interface Table {
  /** Which column of a row tells it from others. */
  key: string;
  /** What goes with a row: tables, by the column that names it. */
  children?: Record<string, string>;
  /** Objects of the store that go before the row. */
  objects?: string;
}

const EXPLAINED = `CASE WHEN json_extract(request, '$.explain') THEN 'explanations/' || id || '/' || completed_at END`;

export const TENANT_TABLES = {
  library_references: { key: "rowid", objects: "object_key" },
  deleted_references: { key: "rowid", objects: "object_key" },
  reference_failures: { key: "rowid" },
  analysis_crashes: { key: "rowid" },
  checks: {
    key: "id",
    children: { check_decisions: "check_id", check_evidence: "check_id" },
    objects: `COALESCE(object_key, ${EXPLAINED})`,
  },
  imports: { key: "id", children: { import_lines: "import_id" } },
  uploads: { key: "id", children: { upload_parts: "upload_id" }, objects: "object_key" },
  webhook_deliveries: { key: "id" },
  webhook_addresses: { key: "id" },
  webhook_secrets: { key: "number" },
  webhook_endpoints: { key: "id" },
  idempotency: { key: "rowid", objects: "object_key" },
  libraries: { key: "rowid" },
  library_epochs: { key: "rowid" },
  library_index: { key: "rowid" },
  keys: { key: "id", children: { key_secrets: "key_id" } },
} satisfies Record<string, Table>;
export type TenantTable = keyof typeof TENANT_TABLES;

const tableOf = (name: TenantTable): Table => TENANT_TABLES[name];

export interface Piece {
  keys: (string | number)[];
  objects: string[];
}

/** The next rows to go, at most `limit`. */
export async function nextPiece(
  db: D1Database,
  name: TenantTable,
  tenant: string,
  limit: number,
): Promise<Piece> {
  const { key, objects = "NULL" } = tableOf(name);
  const { results } = await db
    .prepare(`SELECT ${key} AS key, ${objects} AS object FROM ${name} WHERE tenant = ? LIMIT ?`)
    .bind(tenant, limit)
    .all<{ key: string | number; object: string | null }>();
  return {
    keys: results.map((row) => row.key),
    objects: results.flatMap(({ object }) => (object === null ? [] : [object])),
  };
}

export async function deletePiece(
  db: D1Database,
  name: TenantTable,
  tenant: string,
  keys: Piece["keys"],
): Promise<number> {
  const { key, children = {} } = tableOf(name);
  const given = "IN (SELECT value FROM json_each(?1))";
  const list = JSON.stringify(keys);
  const results = await db.batch([
    ...Object.entries(children).map(([child, column]) =>
      db.prepare(`DELETE FROM ${child} WHERE ${column} ${given}`).bind(list),
    ),
    // Counted by what it returns: the changes also have what triggers do.
    db.prepare(`DELETE FROM ${name} WHERE ${key} ${given} AND tenant = ?2 RETURNING 1`).bind(list, tenant),
  ]);
  return results.at(-1)!.results.length;
}

export async function countRows(db: D1Database, tenant: string): Promise<Record<TenantTable, number>> {
  const names = Object.keys(TENANT_TABLES) as TenantTable[];
  const counts = names.map((name) => `(SELECT COUNT(*) FROM ${name} WHERE tenant = ?1) AS ${name}`);
  const row = await db
    .prepare(`SELECT ${counts.join(", ")}`)
    .bind(tenant)
    .first<Record<TenantTable, number>>();
  return row!;
}
