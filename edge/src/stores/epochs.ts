export const epochOf = (db: D1Database, tenant: string, library: string) =>
  db.prepare("SELECT epoch FROM library_epochs WHERE tenant = ? AND library = ?").bind(tenant, library);

/** From now on no verdict counts that was cached before. */
export const raiseEpoch = (db: D1Database, tenant: string, library: string) =>
  db
    .prepare(
      `INSERT INTO library_epochs (tenant, library, epoch) VALUES (?, ?, 1)
       ON CONFLICT DO UPDATE SET epoch = epoch + 1`,
    )
    .bind(tenant, library);
