// Epochs: a library's own, and that of the whole index in front of it. Cached verdicts are kept under both.

import type { ModelIdentity } from "@twinframe/shared/contract";

export interface EpochRow {
  epoch: number;
  whole: number;
  model: string | null;
}

/** What cached verdicts of a library are kept under: one row. */
export const epochOf = (db: D1Database, tenant: string, library: string) =>
  db
    .prepare(
      `SELECT COALESCE((SELECT epoch FROM library_epochs WHERE tenant = ? AND library = ?), 0) AS epoch,
              epoch AS whole, model
       FROM index_epoch`,
    )
    .bind(tenant, library);

/** From now on no verdict of the library counts that was cached before. */
export const raiseEpoch = (db: D1Database, tenant: string, library: string) =>
  db
    .prepare(
      `INSERT INTO library_epochs (tenant, library, epoch) VALUES (?, ?, 1)
       ON CONFLICT DO UPDATE SET epoch = epoch + 1`,
    )
    .bind(tenant, library);

/** The same of every library that a tenant has; how many. */
export async function raiseTenantEpochs(db: D1Database, tenant: string): Promise<number> {
  const { meta } = await db
    .prepare(
      `INSERT INTO library_epochs (tenant, library, epoch)
       SELECT ?1, library, 1
       FROM (SELECT library FROM library_references WHERE tenant = ?1
             UNION SELECT name FROM libraries WHERE tenant = ?1
             UNION SELECT library FROM library_epochs WHERE tenant = ?1)
       WHERE true
       ON CONFLICT DO UPDATE SET epoch = epoch + 1`,
    )
    .bind(tenant)
    .run();
  return meta.changes;
}

/** The same of everything; with a model, only its verdicts are cached from now on. */
export async function raiseIndexEpoch(db: D1Database, model?: ModelIdentity): Promise<void> {
  await db
    .prepare("UPDATE index_epoch SET epoch = epoch + 1, model = COALESCE(?, model)")
    .bind(model === undefined ? null : JSON.stringify({ id: model.id, version: model.version }))
    .run();
}

export async function indexEpoch(db: D1Database): Promise<number> {
  return (await db.prepare("SELECT epoch FROM index_epoch").first<number>("epoch")) ?? 0;
}

export interface LibraryEpochRow {
  tenant: string;
  library: string;
  epoch: number;
}

/** By tenant and library, behind `after`. */
export async function listEpochs(
  db: D1Database,
  after: readonly string[] | null,
  limit: number,
): Promise<LibraryEpochRow[]> {
  const { results } = await db
    .prepare(
      `SELECT tenant, library, epoch FROM library_epochs WHERE (tenant, library) > (?, ?)
       ORDER BY tenant, library LIMIT ?`,
    )
    .bind(after?.[0] ?? "", after?.[1] ?? "", limit)
    .all<LibraryEpochRow>();
  return results;
}
