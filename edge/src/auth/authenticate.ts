import type { Scope } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { sha256Hex } from "@twinframe/shared/signing";
import type { MiddlewareHandler } from "hono";
import { idempotent } from "../idempotency/middleware.ts";
import type { Configuration } from "../platform/configuration.ts";
import type { Caller } from "../platform/http/caller.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { BOOTSTRAP_KEY_ID, callerOf } from "./caller.ts";
import { networkOf } from "./network.ts";
import { leavePlace } from "./places.ts";
import { passQuota } from "./rate-limit.ts";
import { noteRefusal, refuseAgain } from "./recent-refusals.ts";
import type { Place } from "./store/quota-places.ts";
import { refuseWhilePurged } from "./tenant-purge.ts";

async function known(c: AppContext, key: string): Promise<Caller | null> {
  const hash = await sha256Hex(key);
  refuseAgain(hash, needsPlace(c));
  const network = networkOf(c.req.header("cf-connecting-ip"));
  return callerOf(requestContextOf(c.env, c.executionCtx), { key, hash, network });
}

/** What reads asks little, and for a moment only. */
const needsPlace = (c: AppContext) => c.req.method !== "GET" && c.req.method !== "HEAD";

async function authenticate(c: AppContext): Promise<Caller> {
  const header = c.req.header("authorization");
  if (header === undefined) {
    throw new ProblemError("missing_api_key", "Send your API key as: Authorization: Bearer KEY.");
  }
  const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  const caller = key === undefined ? null : await known(c, key);
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

function refuseNonOperator({ operator }: Caller): void {
  if (operator) return;
  throw new ProblemError(
    "insufficient_scope",
    "This acts on the whole installation: it needs an API key with the scopes admin and operator.",
  );
}

/** For longer than any request takes: a crash must not keep it for ever. */
const BEYOND_INTAKE_MS = 3 * 60_000;

function placeOf(c: AppContext, config: Configuration): Place | undefined {
  if (!needsPlace(c)) return undefined;
  const untilMs = Date.now() + config.intake.timeoutMs + BEYOND_INTAKE_MS;
  return { kind: "request", id: crypto.randomUUID(), most: config.tenantLimits.atOnce, untilMs };
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
    const context = requestContextOf(c.env, c.executionCtx);
    const place = placeOf(c, context.config);
    const { headers, refusal } = await passQuota(context, caller, place);
    const tellQuota = () => {
      for (const [name, value] of Object.entries(headers)) c.header(name, value);
    };
    tellQuota();
    if (refusal !== null) {
      noteRefusal(caller.keyHash, refusal);
      throw refusal;
    }
    try {
      for (const one of [scope, also]) refuseWithoutScope(caller, one);
      if (operator) refuseNonOperator(caller);
      if (scope !== "admin") await refuseClosedTenant(c, caller);
      await idempotent(c, next);
    } finally {
      if (place !== undefined) leavePlace(context, caller.tenant, place);
    }
    // A response that a route made by itself does not have them yet.
    tellQuota();
  };
