// Who a key speaks for. D1 is asked each time: what was revoked a moment ago, anywhere, is refused.

import { idOfApiKey } from "@twinframe/shared/api-key";
import type { Caller, OwnLimits } from "../platform/http/caller.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { findSecrets, noteKeyUse, type SecretRow } from "./store/keys.ts";
import { noteRightKey, noteWrongKey, refuseWhileStopped } from "./wrong-keys.ts";

export const BOOTSTRAP_KEY_ID = "bootstrap";
const NO_LIMITS: OwnLimits = { perMinute: null, perDay: null };
const NOTE_USE_EVERY_MS = 60_000;

const encoder = new TextEncoder();

function sameDigest(a: string, b: string): boolean {
  return a.length === b.length && crypto.subtle.timingSafeEqual(encoder.encode(a), encoder.encode(b));
}

const past = (iso: string | null, nowMs: number) => iso !== null && Date.parse(iso) <= nowMs;

const isValid = ({ revoked_at, expires_at, secret_expires_at }: SecretRow, nowMs: number) =>
  revoked_at === null && !past(expires_at, nowMs) && !past(secret_expires_at, nowMs);

function noteUse({ bindings, defer }: RequestContext, row: SecretRow, nowMs: number): void {
  const before = new Date(nowMs - NOTE_USE_EVERY_MS).toISOString();
  if (row.last_used_at !== null && row.last_used_at >= before) return;
  defer(noteKeyUse(bindings.DB, row.id, new Date(nowMs).toISOString(), before));
}

/** Null for a wrong key. Problem: `rate_limited` when too many wrong ones came from its network. */
export async function callerOf(
  context: RequestContext,
  { key, hash, network }: { key: string; hash: string; network: string },
): Promise<Caller | null> {
  const { config, bindings } = context;
  const bootstrap = config.bootstrapApiKeySha256;
  if (bootstrap !== undefined && sameDigest(hash, bootstrap)) {
    const limits = NO_LIMITS;
    const keyId = BOOTSTRAP_KEY_ID;
    return { tenant: "default", keyHash: hash, keyId, scopes: ["admin"], limits, operator: true };
  }
  refuseWhileStopped(network, hash);
  const nowMs = Date.now();
  const rows = await findSecrets(bindings.DB, idOfApiKey(key), hash);
  const row = rows.find((one) => sameDigest(one.hash, hash));
  if (row === undefined || !isValid(row, nowMs)) {
    await noteWrongKey(context, network, hash);
    return null;
  }
  noteRightKey(hash);
  noteUse(context, row, nowMs);
  const scopes = JSON.parse(row.scopes) as string[];
  return {
    tenant: row.tenant,
    keyHash: hash,
    keyId: row.id,
    scopes,
    limits: { perMinute: row.per_minute, perDay: row.per_day },
    operator: scopes.includes("operator"),
  };
}
