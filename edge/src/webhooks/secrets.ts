// The signing secrets of endpoints, and of tenants for the addresses that single checks and references give.

import type { WebhookSecret } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { seal, unseal } from "./seal.ts";
import { newSecret } from "./sign.ts";
import { addSecret, liveSecrets, replaceSecret, type SecretOwner } from "./store/webhook-secrets.ts";

/** So long both sign: receivers change over when it suits them. */
const OVERLAP_MS = 24 * 3600_000;

export const tenantOwner = (tenant: string): SecretOwner => ({ tenant, endpointId: "" });
export const secretOwner = ({ tenant, endpointId }: SecretOwner) => `secret ${tenant} ${endpointId}`;

/** A new secret, and the statement that keeps it unless there is one. */
export async function firstSecret({ bindings, config }: RequestContext, owner: SecretOwner, nowIso: string) {
  const secret = newSecret();
  const sealed = await seal(config, secretOwner(owner), secret);
  return { secret, statement: addSecret(bindings.DB, owner, sealed, nowIso) };
}

/** Those that sign now, the newest first; without those that the operator's key does not open any more. */
export async function signingSecrets(
  { bindings, config }: RequestContext,
  owner: SecretOwner,
): Promise<string[]> {
  const rows = await liveSecrets(bindings.DB, owner, new Date().toISOString());
  const opened = await Promise.all(rows.map(({ sealed }) => unseal(config, secretOwner(owner), sealed)));
  return opened.filter((secret) => secret !== null);
}

export async function rotateSecret(context: RequestContext, owner: SecretOwner): Promise<WebhookSecret> {
  const { bindings, config } = context;
  const nowMs = Date.now();
  const until = new Date(nowMs + OVERLAP_MS).toISOString();
  const secret = newSecret();
  const sealed = await seal(config, secretOwner(owner), secret);
  const statements = replaceSecret(bindings.DB, owner, sealed, new Date(nowMs).toISOString(), until);
  const [retired] = await bindings.DB.batch(statements);
  return { secret, previous_secret_until: retired!.meta.changes > 0 ? until : null };
}

/** The tenant's own, made when it is first asked for. Unlike an endpoint's it can be read again. */
export async function readTenantSecret(context: RequestContext, tenant: string): Promise<WebhookSecret> {
  const { bindings, config } = context;
  const owner = tenantOwner(tenant);
  const nowIso = new Date().toISOString();
  const read = () => liveSecrets(bindings.DB, owner, nowIso);
  let [current, previous] = await read();
  if (current === undefined) {
    await (await firstSecret(context, owner, nowIso)).statement.run();
    [current, previous] = await read();
  }
  const secret = await unseal(config, secretOwner(owner), current!.sealed);
  if (secret === null) {
    throw new ProblemError(
      "internal_error",
      "The secret cannot be read any more, since the operator's key has changed: rotate it.",
    );
  }
  return { secret, previous_secret_until: previous?.retires_at ?? null };
}
