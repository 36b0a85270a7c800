import { env } from "./client.ts";
import { sha256Of } from "./video-bytes.ts";

/** A key of a tenant, with these scopes: what to send as `key`. */
export async function tenantKey(tenant: string, ...scopes: string[]): Promise<string> {
  const key = `key-of-${tenant}-${scopes.join("+")}`;
  const hash = await sha256Of(new TextEncoder().encode(key) as Uint8Array<ArrayBuffer>);
  await env.DB.prepare("INSERT INTO api_keys (key_hash, tenant, scopes, created_at) VALUES (?, ?, ?, '2026')")
    .bind(hash, tenant, JSON.stringify(scopes))
    .run();
  return key;
}
