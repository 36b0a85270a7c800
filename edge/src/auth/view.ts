import type { Key, Scope } from "@twinframe/shared/contract";
import type { KeyRow } from "./store/keys.ts";

/** A key as the API answers it. */
export function keyView(row: KeyRow, nowMs = Date.now()): Key {
  const { id, tenant, name, per_minute, per_day, expires_at, revoked_at, last_used_at, created_at } = row;
  const over = (iso: string | null) => iso !== null && Date.parse(iso) <= nowMs;
  const previous = row.previous_secret_expires_at;
  return {
    id,
    tenant,
    name,
    scopes: JSON.parse(row.scopes) as Scope[],
    limits: { per_minute, per_day },
    status: revoked_at !== null ? "revoked" : over(expires_at) ? "expired" : "active",
    expires_at,
    revoked_at,
    last_used_at,
    previous_secret_expires_at: over(previous) ? null : previous,
    created_at,
  };
}
