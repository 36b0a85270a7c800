import type { Scope } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { sha256Hex } from "@twinframe/shared/signing";
import type { MiddlewareHandler } from "hono";
import { type Services, servicesOf } from "../services.ts";
import { findApiKey } from "../stores/api-keys.ts";
import type { AppEnv } from "./http-types.ts";

export interface Caller {
  tenant: string;
  scopes: readonly string[];
}

const encoder = new TextEncoder();

function sameDigest(a: string, b: string): boolean {
  return a.length === b.length && crypto.subtle.timingSafeEqual(encoder.encode(a), encoder.encode(b));
}

async function callerOf({ config, bindings }: Services, key: string): Promise<Caller | null> {
  const hash = await sha256Hex(key);
  const bootstrap = config.bootstrapApiKeySha256;
  if (bootstrap !== undefined && sameDigest(hash, bootstrap)) return { tenant: "default", scopes: ["admin"] };
  const row = await findApiKey(bindings.DB, hash);
  if (row === null || row.revoked_at !== null) return null;
  if (row.expires_at !== null && Date.parse(row.expires_at) <= Date.now()) return null;
  return { tenant: row.tenant, scopes: JSON.parse(row.scopes) as string[] };
}

/** Who is calling, and whether they may: before anything of the request's body is read. */
export const requireScope =
  (scope: Scope): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const header = c.req.header("authorization");
    if (header === undefined) {
      throw new ProblemError("missing_api_key", "Send your API key as: Authorization: Bearer KEY.");
    }
    const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
    const caller = key === undefined ? null : await callerOf(servicesOf(c.env, c.executionCtx), key);
    if (caller === null) {
      throw new ProblemError(
        "invalid_api_key",
        "This API key is unknown, expired or revoked. Send a valid one as: Authorization: Bearer KEY.",
      );
    }
    c.set("caller", caller);
    if (!caller.scopes.includes(scope) && !caller.scopes.includes("admin")) {
      throw new ProblemError("insufficient_scope", `This needs an API key with the scope ${scope}.`);
    }
    await next();
  };
