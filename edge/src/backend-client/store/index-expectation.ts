// What the rows expect of the index: whose it is, how often each library was written, how many references it has.

import type { IndexExpectation, IndexOverview } from "@twinframe/shared/contract";

export interface ExpectationRow {
  installation: string;
  epoch: number;
  references: number;
  /** All references, while an index that is nobody's may become this installation's; else null. */
  unclaimed: number | null;
  /** 1: the index has yet to hear of deletions, or of references that were disabled or enabled. */
  untold: number;
}

/**
 * Of a library: one row. A library without references expects nothing, since nothing of it can be missed; and where
 * no library has any, an index that is nobody's will do.
 */
export const expectationOf = (db: D1Database, tenant: string, library: string) =>
  db
    .prepare(
      `SELECT i.installation,
              iif(i.claimed_at IS NULL OR i.ready = 0, i.ready, NULL) AS unclaimed,
              iif(COALESCE(l.ready, 0) > 0, l.epoch, 0) AS epoch,
              max(0, COALESCE(l.ready, 0) - COALESCE(l.lacking, 0)) AS "references",
              EXISTS (SELECT 1 FROM library_references
                      WHERE tenant = ?1 AND library = ?2 AND availability <> availability_told AND status = 'ready')
              OR EXISTS (SELECT 1 FROM deleted_references
                         WHERE tenant = ?1 AND library = ?2 AND forgotten = 0) AS untold
       FROM index_installation i LEFT JOIN library_index l ON l.tenant = ?1 AND l.library = ?2`,
    )
    .bind(tenant, library);

export const expectationView = (row: ExpectationRow): IndexExpectation => ({
  installation: row.installation,
  library: { epoch: row.epoch, references: row.references },
  ...(row.unclaimed === null ? {} : { unclaimed: row.unclaimed }),
});

export async function readExpectation(
  db: D1Database,
  tenant: string,
  library: string,
): Promise<ExpectationRow> {
  return (await expectationOf(db, tenant, library).first<ExpectationRow>())!;
}

export async function readInstallation(
  db: D1Database,
): Promise<{ installation: string; claimed_at: string | null; ready: number }> {
  const row = await db
    .prepare("SELECT installation, claimed_at, ready FROM index_installation")
    .first<{ installation: string; claimed_at: string | null; ready: number }>();
  return row!;
}

/** From now on an index that is nobody's is not this installation's. */
export const noteClaimed = (db: D1Database, nowIso: string) =>
  db.prepare("UPDATE index_installation SET claimed_at = ? WHERE claimed_at IS NULL").bind(nowIso);

/**
 * An index has told that it wrote a library so often. Before the row that says why: a library that has no reference
 * yet begins anew with what is told, since its index may be a new one.
 */
export const noteEpoch = (db: D1Database, tenant: string, library: string, epoch: number) =>
  db
    .prepare(
      `INSERT INTO library_index (tenant, library, epoch) VALUES (?1, ?2, ?3)
       ON CONFLICT DO UPDATE SET epoch = iif(ready = 0, excluded.epoch, max(epoch, excluded.epoch))`,
    )
    .bind(tenant, library, epoch);

/**
 * From now on what an index has is what is expected of it. Where it has fewer references than there are, it goes on
 * being refused, unless `acceptMissing`.
 */
export async function expectAsIs(
  db: D1Database,
  libraries: IndexOverview["libraries"],
  acceptMissing: boolean,
  nowIso: string,
): Promise<void> {
  const lacking = (have: string) => (acceptMissing ? `max(0, ready - ${have})` : "0");
  await db.batch([
    db.prepare(`UPDATE library_index SET epoch = 0, lacking = ${lacking("0")}`),
    db
      .prepare(
        `UPDATE library_index SET epoch = told.epoch, lacking = ${lacking("told.have")}
         FROM (SELECT value ->> 'tenant' AS t, value ->> 'library' AS l, value ->> 'epoch' AS epoch,
                      value ->> 'references' AS have FROM json_each(?1)) AS told
         WHERE tenant = told.t AND library = told.l`,
      )
      .bind(JSON.stringify(libraries)),
    noteClaimed(db, nowIso),
  ]);
}
