// A new API key as SQL. Its text goes through a shell, so nothing that is not checked here goes into it.

import type { IssuedKey } from "@twinframe/shared/api-key";
import { nameSchema, SCOPES, type Scope } from "@twinframe/shared/contract";

export interface KeyGrant {
  tenant: string;
  scopes: Scope[];
  name: string;
  expiresAt: string | null;
}

type Given = Partial<Record<"tenant" | "scopes" | "name" | "expires", string>>;

export function readGrant({
  tenant = "default",
  scopes = "",
  name = "made by npm run key",
  expires,
}: Given): KeyGrant {
  if (!nameSchema.safeParse(tenant).success)
    throw new Error(`--tenant: ${nameSchema.safeParse(tenant).error!.issues[0]!.message}.`);
  const asked = scopes.split(",").map((scope) => scope.trim());
  const unknown = asked.filter((scope) => !SCOPES.includes(scope as Scope));
  if (unknown.length > 0) throw new Error(`--scopes: give one or more of ${SCOPES.join(", ")}, with commas.`);
  if (!/^[\w .,:@/+-]{1,100}$/.test(name))
    throw new Error("--name: use letters, digits, spaces and . , : @ / + - _");
  const expiresMs = expires === undefined ? null : Date.parse(expires);
  if (Number.isNaN(expiresMs)) throw new Error("--expires: give a date such as 2027-01-31.");
  const expiresAt = expiresMs === null ? null : new Date(expiresMs).toISOString();
  return { tenant, scopes: asked as Scope[], name, expiresAt };
}

/** Two statements in one line. Scopes are made into JSON by SQLite: double quotes would not survive the shell's. */
export function keyStatements(grant: KeyGrant, { id, hash }: IssuedKey, nowIso: string): string {
  const text = (value: string | null) => (value === null ? "NULL" : `'${value}'`);
  const scopes = `json_array(${grant.scopes.map(text).join(", ")})`;
  const values = [
    text(id),
    text(grant.tenant),
    text(grant.name),
    scopes,
    text(grant.expiresAt),
    text(nowIso),
  ];
  return (
    `INSERT INTO keys (id, tenant, name, scopes, expires_at, created_at) VALUES (${values.join(", ")}); ` +
    `INSERT INTO key_secrets (hash, key_id, created_at) VALUES (${[hash, id, nowIso].map(text).join(", ")});`
  );
}
