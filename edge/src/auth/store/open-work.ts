// What a tenant has open, counted up to `most`: from indexes that hold nothing else.

export const OPEN_CHECKS = `SELECT COUNT(*) AS n FROM (
  SELECT 1 FROM checks WHERE tenant = ? AND status IN ('queued', 'running') LIMIT ?)`;

export const PROMISED_REFERENCES = `SELECT COUNT(*) AS n FROM (
  SELECT 1 FROM library_references WHERE tenant = ? AND status = 'indexing' LIMIT ?)`;

const count = async (db: D1Database, text: string, tenant: string, most: number): Promise<number> =>
  (await db.prepare(text).bind(tenant, most).first<number>("n")) ?? 0;

export const countOpenChecks = (db: D1Database, tenant: string, most: number): Promise<number> =>
  count(db, OPEN_CHECKS, tenant, most);

/** Those that are only claimed count as well: they end within a request. */
export const countPromisedReferences = (db: D1Database, tenant: string, most: number): Promise<number> =>
  count(db, PROMISED_REFERENCES, tenant, most);
