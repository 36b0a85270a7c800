// API keys with less than every right, put into the database before the edge starts; among them two that no API
// would make: expired and revoked long ago.

import { resolve } from "node:path";
import { migrate } from "@twinframe/infra/local/services/migrations";
import { issueApiKey } from "@twinframe/shared/api-key";
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
  const keys = {} as TestKeys;
  for (const [name, { tenant, scopes, expiresAt, revokedAt }] of Object.entries(KEYS)) {
    const { id, key, hash } = await issueApiKey();
    writeDatabase(
      stateDir,
      `INSERT INTO keys (id, tenant, name, scopes, expires_at, revoked_at, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[id, tenant, name, JSON.stringify(scopes), expiresAt, revokedAt, NOW],
    );
    const secret = "INSERT INTO key_secrets (hash, key_id, created_at) VALUES (?, ?, ?)";
    writeDatabase(stateDir, secret, hash, id, NOW);
    keys[name as keyof TestKeys] = key;
  }
  return keys;
}
