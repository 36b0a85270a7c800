// Both tables that hold sealed text, row by row, for sealing them anew under another key.

/** A secret of an endpoint or a tenant, or the address of a single check or reference. */
export type SealedRow =
  | { kind: "secret"; position: number; tenant: string; endpoint_id: string; sealed: string }
  | { kind: "address"; position: number; id: string; sealed: string };

const SELECT = {
  secret: `SELECT 'secret' AS kind, number AS position, tenant, endpoint_id, sealed FROM webhook_secrets
    WHERE number > ?1 AND substr(sealed, 1, length(?2)) <> ?2 ORDER BY number LIMIT ?3`,
  address: `SELECT 'address' AS kind, rowid AS position, id, sealed_url AS sealed FROM webhook_addresses
    WHERE rowid > ?1 AND substr(sealed_url, 1, length(?2)) <> ?2 ORDER BY rowid LIMIT ?3`,
};
const UPDATE = {
  secret: "UPDATE webhook_secrets SET sealed = ?1 WHERE number = ?2 AND sealed = ?3",
  address: "UPDATE webhook_addresses SET sealed_url = ?1 WHERE rowid = ?2 AND sealed_url = ?3",
};

/** Those after a position that do not begin with `prefix`, in order. */
export async function sealedOtherwise(
  db: D1Database,
  kind: SealedRow["kind"],
  prefix: string,
  after: number,
  limit: number,
): Promise<SealedRow[]> {
  return (await db.prepare(SELECT[kind]).bind(after, prefix, limit).all<SealedRow>()).results;
}

/** Changes nothing where the row is another by now. */
export const replaceSealed = (db: D1Database, { kind, position, sealed }: SealedRow, anew: string) =>
  db.prepare(UPDATE[kind]).bind(anew, position, sealed);
