// Jobs are written by maintenance; whether a tenant is closed is asked with each of its requests.

/** The purge of this tenant that is open. */
export function openPurgeOf(db: D1Database, tenant: string): Promise<{ id: string } | null> {
  return db
    .prepare("SELECT id FROM maintenance_jobs WHERE completed_at IS NULL AND tenant = ? LIMIT 1")
    .bind(tenant)
    .first<{ id: string }>();
}
