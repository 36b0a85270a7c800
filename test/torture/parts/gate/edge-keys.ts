// Keys that may do all, nothing any more, or all but one thing, put into the database before the edge starts.

import { resolve } from "node:path";
import { migrate } from "@twinframe/infra/local/services/migrations";
import { issueApiKey } from "@twinframe/shared/api-key";
import { SCOPES, type Scope } from "@twinframe/shared/contract";
import { writeDatabase } from "../../../e2e/stored-state.ts";

export interface EdgeKeys {
  /** Of the tenant `owner`. */
  admin: string;
  expired: string;
  revoked: string;
  /** An admin of another tenant. */
  stranger: string;
  /** Of the tenant `owner`, by the scope that is missing; `admin` is, too. */
  without: Record<Scope, string>;
}

const PAST = "2020-01-01T00:00:00.000Z";

interface Made {
  tenant?: string;
  expires?: string;
  revoked?: string;
}

export async function addEdgeKeys(stateDir: string): Promise<EdgeKeys> {
  await migrate(resolve(import.meta.dirname, "../../../.."), stateDir);
  const nowIso = new Date().toISOString();
  async function make(scopes: readonly string[], { tenant = "owner", expires, revoked }: Made = {}) {
    const { id, key, hash } = await issueApiKey();
    writeDatabase(
      stateDir,
      `INSERT INTO keys (id, tenant, name, scopes, expires_at, revoked_at, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[id, tenant, "torture", JSON.stringify(scopes), expires ?? null, revoked ?? null, nowIso],
    );
    const secret = "INSERT INTO key_secrets (hash, key_id, created_at) VALUES (?, ?, ?)";
    writeDatabase(stateDir, secret, hash, id, nowIso);
    return key;
  }
  const without = {} as Record<Scope, string>;
  for (const scope of SCOPES)
    without[scope] = await make(SCOPES.filter((one) => one !== scope && one !== "admin"));
  return {
    admin: await make(["admin"]),
    expired: await make(["admin"], { expires: PAST }),
    revoked: await make(["admin"], { revoked: PAST }),
    stranger: await make(["admin"], { tenant: "stranger" }),
    without,
  };
}
