/** Counted up to a limit, from an index that holds nothing else. */
export const PROMISED_REFERENCES = `SELECT COUNT(*) AS n FROM (
  SELECT 1 FROM library_references WHERE tenant = ? AND status = 'indexing' LIMIT ?)`;

/** Counted up to `most`. Those that are only claimed count as well: they end within a request. */
export const countPromisedReferences = async (
  db: D1Database,
  tenant: string,
  most: number,
): Promise<number> => (await db.prepare(PROMISED_REFERENCES).bind(tenant, most).first<number>("n")) ?? 0;
