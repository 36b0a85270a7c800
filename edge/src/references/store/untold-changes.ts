// What the index has yet to hear of a library's references: that they are deleted, disabled or enabled again.

import type { EntryChanges, ReferenceKey } from "@twinframe/shared/contract";

export type Change = EntryChanges["changes"][number];

/** At most `limit`. */
export async function untoldChanges(
  db: D1Database,
  tenant: string,
  library: string,
  limit: number,
): Promise<Change[]> {
  const { results } = await db
    .prepare(
      `SELECT id, job_id, availability FROM library_references
       WHERE tenant = ?1 AND library = ?2 AND availability <> availability_told AND status = 'ready'
       UNION ALL
       SELECT id, job_id, NULL FROM deleted_references WHERE tenant = ?1 AND library = ?2 AND forgotten = 0
       LIMIT ?3`,
    )
    .bind(tenant, library, limit)
    .all<Change>();
  return results;
}

export const noteTold = (db: D1Database, tenant: string, library: string, changes: readonly Change[]) => {
  const told = `(SELECT value ->> 'id' AS i, value ->> 'job_id' AS j, value ->> 'availability' AS a FROM json_each(?3)) AS told`;
  const list = JSON.stringify(changes);
  const isIt = "tenant = ?1 AND library = ?2 AND id = told.i AND job_id = told.j";
  return [
    db
      .prepare(
        `UPDATE library_references SET availability_told = told.a FROM ${told}
         WHERE ${isIt} AND told.a > availability_told`,
      )
      .bind(tenant, library, list),
    db
      .prepare(`UPDATE deleted_references SET forgotten = 1 FROM ${told} WHERE ${isIt} AND told.a IS NULL`)
      .bind(tenant, library, list),
  ];
};

/**
 * The index says this of a reference's availability, and that is not what the row says: it is to be told, with a
 * number that is the greater one.
 */
export const noteOtherAvailability = (
  db: D1Database,
  { tenant, library, id }: ReferenceKey,
  jobId: string,
  availability: number,
) =>
  db
    .prepare(
      `UPDATE library_references
       SET availability_told = ?5,
           availability = iif(availability > ?5, availability, ?5 + iif(availability % 2 = ?5 % 2, 0, 1))
       WHERE tenant = ?1 AND library = ?2 AND id = ?3 AND job_id = ?4 AND status = 'ready'`,
    )
    .bind(tenant, library, id, jobId, availability);
