// Keys as the tests need them, put into the database as the API would.

import { issueApiKey } from "@twinframe/shared/api-key";
import { insertKey } from "../src/auth/store/keys.ts";
import { env } from "./client.ts";

export interface KeyOptions {
  tenant?: string;
  expires?: string;
  revoked?: string;
}

export async function makeKey(
  scopes: readonly string[],
  { tenant = "acme", expires, revoked }: KeyOptions = {},
) {
  const { id, key, hash } = await issueApiKey();
  const limits = { per_minute: null, per_day: null };
  const row = { id, tenant, name: "test", scopes: JSON.stringify(scopes), ...limits };
  await insertKey(env.DB, { ...row, expires_at: expires ?? null }, hash, new Date().toISOString());
  if (revoked) await env.DB.prepare("UPDATE keys SET revoked_at = ? WHERE id = ?").bind(revoked, id).run();
  return key;
}
