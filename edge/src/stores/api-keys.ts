export interface ApiKeyRow {
  tenant: string;
  scopes: string;
  expires_at: string | null;
  revoked_at: string | null;
}

export function findApiKey(db: D1Database, keyHash: string): Promise<ApiKeyRow | null> {
  return db
    .prepare("SELECT tenant, scopes, expires_at, revoked_at FROM api_keys WHERE key_hash = ?")
    .bind(keyHash)
    .first<ApiKeyRow>();
}
