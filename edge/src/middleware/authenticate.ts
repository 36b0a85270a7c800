import type { Scope } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { MiddlewareHandler } from "hono";
import { BOOTSTRAP_KEY_ID, type Caller, callerOf } from "../keys/caller.ts";
import { refuseWhilePurged } from "../maintenance/in-the-way.ts";
import { servicesOf } from "../services.ts";
import type { AppContext, AppEnv } from "./http-types.ts";
import { idempotent } from "./idempotency.ts";
import { passQuota } from "./quota.ts";

async function authenticate(c: AppContext): Promise<Caller> {
  const header = c.req.header("authorization");
  if (header === undefined) {
    throw new ProblemError("missing_api_key", "Send your API key as: Authorization: Bearer KEY.");
  }
  const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  const caller = key === undefined ? null : await callerOf(servicesOf(c.env, c.executionCtx), key);
  if (caller !== null) return caller;
  throw new ProblemError(
    "invalid_api_key",
    "This API key is unknown, expired or revoked. Send a valid one as: Authorization: Bearer KEY.",
  );
}

/** The keys of a tenant that is purged are revoked; the bootstrap key cannot be, and its tenant may be purged, too. */
async function refuseClosedTenant(c: AppContext, { tenant, keyId }: Caller): Promise<void> {
  if (keyId === BOOTSTRAP_KEY_ID) await refuseWhilePurged(c.env.DB, tenant);
}

/** For what a request asks beyond its route's own scope. */
export function refuseWithoutScope({ scopes }: Caller, scope: Scope): void {
  if (!scopes.includes(scope) && !scopes.includes("admin"))
    throw new ProblemError("insufficient_scope", `This needs an API key with the scope ${scope}.`);
}

interface Needs {
  /** Besides the first. */
  also?: Scope;
  /** Of the whole installation. */
  operator?: boolean;
}

/**
 * Who is calling, whether they may and how often: before anything of the request's body is read. What only an
 * operator may do is `admin` of the whole installation.
 */
export const requireScope =
  (scope: Scope, { also = scope, operator = false }: Needs = {}): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const caller = await authenticate(c);
    c.set("caller", caller);
    const { headers, refusal } = await passQuota(servicesOf(c.env, c.executionCtx), caller);
    const tellQuota = () => {
      for (const [name, value] of Object.entries(headers)) c.header(name, value);
    };
    tellQuota();
    if (refusal !== null) throw refusal;
    for (const one of [scope, also]) refuseWithoutScope(caller, one);
    if (operator && !caller.operator) {
      throw new ProblemError(
        "insufficient_scope",
        "This acts on the whole installation: it needs an API key with the scopes admin and operator.",
      );
    }
    if (scope !== "admin") await refuseClosedTenant(c, caller);
    await idempotent(c, next);
    // A response that a route made by itself does not have them yet.
    tellQuota();
  };
