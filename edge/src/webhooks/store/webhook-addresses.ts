export interface AddressRow {
  id: string;
  tenant: string;
  job_id: string;
  sealed_url: string;
  created_at: string;
}

export const addAddress = (db: D1Database, row: AddressRow) =>
  db
    .prepare(
      `INSERT INTO webhook_addresses (id, tenant, job_id, sealed_url, created_at) VALUES (?, ?, ?, ?, ?)`,
    )
    .bind(row.id, row.tenant, row.job_id, row.sealed_url, row.created_at);

export const forgetAddress = (db: D1Database, id: string) =>
  db.prepare("DELETE FROM webhook_addresses WHERE id = ?").bind(id);

export const forgetAddressesOf = (db: D1Database, jobId: string) =>
  db.prepare("DELETE FROM webhook_addresses WHERE job_id = ?").bind(jobId);

export const forgetAddressesBefore = (db: D1Database, beforeIso: string) =>
  db
    .prepare(
      `DELETE FROM webhook_addresses
       WHERE id IN (SELECT id FROM webhook_addresses WHERE created_at < ? LIMIT 1000)`,
    )
    .bind(beforeIso);

export async function hasAddress(db: D1Database, id: string): Promise<boolean> {
  return (await db.prepare("SELECT 1 FROM webhook_addresses WHERE id = ?").bind(id).first()) !== null;
}
