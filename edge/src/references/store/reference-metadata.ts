import type { ReferenceKey } from "@twinframe/shared/contract";

/** Replaces the metadata if it still is `from`; false when it is not, or the reference is gone. */
export async function replaceMetadata(
  db: D1Database,
  { tenant, library, id }: ReferenceKey,
  from: string,
  to: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE library_references SET metadata = ?5
       WHERE tenant = ?1 AND library = ?2 AND id = ?3 AND metadata = ?4`,
    )
    .bind(tenant, library, id, from, to)
    .run();
  return meta.changes > 0;
}
