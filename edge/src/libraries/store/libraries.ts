import { DEFAULT_LIBRARY } from "@twinframe/shared/contract";
import { raiseEpoch } from "./epochs.ts";

export interface LibraryKey {
  tenant: string;
  name: string;
}

/** Where a library has no row, what it says of itself is null. */
export interface LibraryRow {
  name: string;
  description: string | null;
  policy: string | null;
  policy_version: number | null;
  created_at: string | null;
  references_count: number;
}

const SELECT = `SELECT names.name, l.description, l.policy, l.policy_version, l.created_at,
    (SELECT COUNT(*) FROM library_references r WHERE r.tenant = ?1 AND r.library = names.name)
      AS references_count
  FROM names LEFT JOIN libraries l ON l.tenant = ?1 AND l.name = names.name`;

/** Null when nobody created it and it has no reference; the default library is always there. */
export async function findLibrary(db: D1Database, { tenant, name }: LibraryKey): Promise<LibraryRow | null> {
  const row = await db
    .prepare(`WITH names (name) AS (SELECT ?2) ${SELECT}`)
    .bind(tenant, name)
    .first<LibraryRow>();
  const exists =
    row !== null && (row.created_at !== null || row.references_count > 0 || name === DEFAULT_LIBRARY);
  return exists ? row : null;
}

/** By name, those after `after`. Leaps from library to library, however many references each has. */
export async function listLibraries(
  db: D1Database,
  tenant: string,
  after: string,
  limit: number,
): Promise<LibraryRow[]> {
  const { results } = await db
    .prepare(
      `WITH RECURSIVE filled (name) AS (
         SELECT MIN(library) FROM library_references WHERE tenant = ?1 AND library > ?2
         UNION ALL
         SELECT (SELECT MIN(library) FROM library_references WHERE tenant = ?1 AND library > filled.name)
         FROM filled WHERE filled.name IS NOT NULL LIMIT ?3
       ),
       created (name) AS (
         SELECT name FROM libraries WHERE tenant = ?1 AND name > ?2 ORDER BY name LIMIT ?3
       ),
       names (name) AS (
         SELECT name FROM filled WHERE name IS NOT NULL
         UNION SELECT name FROM created
         UNION SELECT ?4 WHERE ?4 > ?2
         ORDER BY 1 LIMIT ?3
       )
       ${SELECT} ORDER BY names.name`,
    )
    .bind(tenant, after, limit, DEFAULT_LIBRARY)
    .all<LibraryRow>();
  return results;
}

/** False when it was created before. */
export async function createLibrary(
  db: D1Database,
  { tenant, name }: LibraryKey,
  description: string,
  policy: string | null,
  nowIso: string,
): Promise<boolean> {
  const [created] = await db.batch([
    db
      .prepare(
        `INSERT INTO libraries (tenant, name, description, policy, policy_version, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT DO NOTHING`,
      )
      .bind(tenant, name, description, policy, policy === null ? 0 : 1, nowIso),
    raiseEpoch(db, tenant, name),
  ]);
  return created!.meta.changes > 0;
}

export async function saveDescription(
  db: D1Database,
  { tenant, name }: LibraryKey,
  description: string,
  nowIso: string,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO libraries (tenant, name, description, policy, policy_version, created_at, updated_at)
       VALUES (?1, ?2, ?3, NULL, 0, ?4, ?4)
       ON CONFLICT DO UPDATE SET description = excluded.description, updated_at = excluded.updated_at`,
    )
    .bind(tenant, name, description, nowIso)
    .run();
}

/** Gives a library its policy, under the next version, which it returns; no cached verdict survives that. */
export async function savePolicy(
  db: D1Database,
  { tenant, name }: LibraryKey,
  policy: string,
  nowIso: string,
): Promise<number> {
  const [saved] = await db.batch<{ policy_version: number }>([
    db
      .prepare(
        `INSERT INTO libraries (tenant, name, description, policy, policy_version, created_at, updated_at)
         VALUES (?1, ?2, '', ?3, 1, ?4, ?4)
         ON CONFLICT DO UPDATE SET policy = excluded.policy, policy_version = policy_version + 1,
                                   updated_at = excluded.updated_at
         RETURNING policy_version`,
      )
      .bind(tenant, name, policy, nowIso),
    raiseEpoch(db, tenant, name),
  ]);
  return saved!.results[0]!.policy_version;
}

/** Changes nothing while the library has a reference. */
export async function deleteLibraryRow(db: D1Database, { tenant, name }: LibraryKey): Promise<void> {
  await db.batch([
    db
      .prepare(
        `DELETE FROM libraries WHERE tenant = ?1 AND name = ?2
         AND NOT EXISTS (SELECT 1 FROM library_references WHERE tenant = ?1 AND library = ?2)`,
      )
      .bind(tenant, name),
    raiseEpoch(db, tenant, name),
  ]);
}

/** What a check is judged by: at most one row. */
export const policyOf = (db: D1Database, tenant: string, library: string) =>
  db
    .prepare("SELECT policy, policy_version FROM libraries WHERE tenant = ? AND name = ?")
    .bind(tenant, library);
