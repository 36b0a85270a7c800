// Which stored objects somebody still names.

const OWNERS = ["library_references", "deleted_references", "checks", "uploads", "idempotency"];

/** Of these keys, those that a row names. */
export async function ownedObjects(db: D1Database, keys: readonly string[]): Promise<Set<string>> {
  const given = JSON.stringify(keys);
  const owned = OWNERS.map(
    (table) => `SELECT object_key FROM ${table} WHERE object_key IN (SELECT value FROM json_each(?1))`,
  );
  const { results } = await db.prepare(owned.join(" UNION ")).bind(given).all<{ object_key: string }>();
  return new Set(results.map(({ object_key }) => object_key));
}

/** Of these checks, those that are there. */
export async function knownChecks(db: D1Database, ids: readonly string[]): Promise<Set<string>> {
  const { results } = await db
    .prepare("SELECT id FROM checks WHERE id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(ids))
    .all<{ id: string }>();
  return new Set(results.map(({ id }) => id));
}
