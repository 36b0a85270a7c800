// API keys with less than every right, put into the database before the edge starts: there is no way to make them
// over HTTP yet.

import { createHash, randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { migrate } from "../../infra/local/services/migrations.ts";
import { writeDatabase } from "./stored-state.ts";

const NOW = new Date().toISOString();
const PAST = "2020-01-01T00:00:00.000Z";

const KEYS = {
  onlyChecks: { tenant: "default", scopes: ["checks:write"], expiresAt: null, revokedAt: null },
  onlyReading: { tenant: "default", scopes: ["references:read"], expiresAt: null, revokedAt: null },
  otherTenant: { tenant: "other", scopes: ["admin"], expiresAt: null, revokedAt: null },
  expired: { tenant: "default", scopes: ["admin"], expiresAt: PAST, revokedAt: null },
  revoked: { tenant: "default", scopes: ["admin"], expiresAt: null, revokedAt: PAST },
};

export type TestKeys = Record<keyof typeof KEYS, string>;

export async function addApiKeys(stateDir: string): Promise<TestKeys> {
  await migrate(resolve(import.meta.dirname, "../.."), stateDir);
  const made = Object.entries(KEYS).map(([name, { tenant, scopes, expiresAt, revokedAt }]) => {
    const key = `tf_test_${randomBytes(24).toString("base64url")}`;
    writeDatabase(
      stateDir,
      `INSERT INTO api_keys (key_hash, tenant, scopes, expires_at, revoked_at, created_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      createHash("sha256").update(key).digest("hex"),
      tenant,
      JSON.stringify(scopes),
      expiresAt,
      revokedAt,
      NOW,
    );
    return [name, key];
  });
  return Object.fromEntries(made);
}
