export const epochOf = (db: D1Database, tenant: string, library: string) =>
  db.prepare("SELECT epoch FROM library_epochs WHERE tenant = ? AND library = ?").bind(tenant, library);
