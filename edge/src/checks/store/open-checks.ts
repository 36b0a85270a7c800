/** Counted up to a limit, from an index that holds nothing else. */
export const OPEN_CHECKS = `SELECT COUNT(*) AS n FROM (
  SELECT 1 FROM checks WHERE tenant = ? AND status IN ('queued', 'running') LIMIT ?)`;

/** A tenant's checks that have not ended, counted up to `most`. */
export const countOpenChecks = async (db: D1Database, tenant: string, most: number): Promise<number> =>
  (await db.prepare(OPEN_CHECKS).bind(tenant, most).first<number>("n")) ?? 0;
