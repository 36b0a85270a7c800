// Whether a reference takes part in verdicts.

import type { ReferenceKey } from "@twinframe/shared/contract";

const whereKey = "tenant = ?1 AND library = ?2 AND id = ?3";

/**
 * Disables or enables a reference, and raises the epoch with it: what was found with it, or without it, is not
 * looked at again. Changes nothing when it is so already.
 */
export async function setDisabled(
  db: D1Database,
  { tenant, library, id }: ReferenceKey,
  disabled: boolean,
  nowIso: string,
): Promise<void> {
  const changes = `${whereKey} AND disabled_at IS ${disabled ? "" : "NOT "}NULL`;
  await db.batch([
    db
      .prepare(
        `INSERT INTO library_epochs (tenant, library, epoch)
         SELECT ?1, ?2, 1 WHERE EXISTS (SELECT 1 FROM library_references WHERE ${changes})
         ON CONFLICT DO UPDATE SET epoch = epoch + 1`,
      )
      .bind(tenant, library, id),
    db
      .prepare(
        `UPDATE library_references SET disabled_at = ?4, availability = availability + 1, updated_at = ?5
         WHERE ${changes}`,
      )
      .bind(tenant, library, id, disabled ? nowIso : null, nowIso),
  ]);
}
