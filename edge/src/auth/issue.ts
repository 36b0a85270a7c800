// Makes keys, changes them, and gives them new secrets. A secret leaves here once, with the answer that made it.

import { issueApiKey } from "@twinframe/shared/api-key";
import type { CreateKey, Key, UpdateKey } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { findKey, insertKey, type KeyRow, replaceSecret, updateKey } from "./store/keys.ts";
import { keyView } from "./view.ts";

const inUtc = (time: string | null) => (time === null ? null : new Date(time).toISOString());

const revoked = () =>
  new ProblemError("key_revoked", "A revoked key stays revoked. Make a new one with POST /v1/keys.");

/** The tenant's key. Problem: `key_not_found`. */
export async function readKey(db: D1Database, tenant: string, id: string): Promise<KeyRow> {
  const row = /^key_[0-9a-z]{26}$/.test(id) ? await findKey(db, tenant, id) : null;
  if (row !== null) return row;
  throw new ProblemError("key_not_found", "There is no API key with this id. GET /v1/keys lists them.");
}

export async function createKey(
  db: D1Database,
  tenant: string,
  { name, scopes, expires_at = null, limits }: CreateKey,
): Promise<Key & { key: string }> {
  const { id, key, hash } = await issueApiKey();
  const row = {
    id,
    tenant,
    name,
    scopes: JSON.stringify(scopes),
    expires_at: inUtc(expires_at),
    per_minute: limits?.per_minute ?? null,
    per_day: limits?.per_day ?? null,
  };
  const created_at = new Date().toISOString();
  await insertKey(db, row, hash, created_at);
  const fresh = { revoked_at: null, last_used_at: null, previous_secret_expires_at: null };
  return { ...keyView({ ...row, ...fresh, created_at }), key };
}

export async function changeKey(
  db: D1Database,
  tenant: string,
  id: string,
  { name, scopes, expires_at, limits }: UpdateKey,
): Promise<Key> {
  await readKey(db, tenant, id);
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(scopes === undefined ? {} : { scopes: JSON.stringify(scopes) }),
    ...(expires_at === undefined ? {} : { expires_at: inUtc(expires_at) }),
    ...limits,
  };
  if (!(await updateKey(db, tenant, id, change))) throw revoked();
  return keyView(await readKey(db, tenant, id));
}

export async function rotateKey(
  db: D1Database,
  tenant: string,
  id: string,
  overlapS: number,
): Promise<Key & { key: string }> {
  const row = await readKey(db, tenant, id);
  if (row.revoked_at !== null) throw revoked();
  const { key, hash } = await issueApiKey(id);
  const nowMs = Date.now();
  const ends = new Date(nowMs + overlapS * 1000).toISOString();
  await replaceSecret(db, id, hash, new Date(nowMs).toISOString(), ends);
  return { ...keyView({ ...row, previous_secret_expires_at: ends }, nowMs), key };
}
