import { ProblemError } from "@twinframe/shared/problem";
import { sha256Hex } from "@twinframe/shared/signing";
import type { MiddlewareHandler } from "hono";
import type { Caller } from "../platform/http/caller.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { contextOf } from "../platform/http/of-request.ts";
import { callerOf } from "./caller.ts";
import { networkOf } from "./network.ts";
import { needsPlace, refuseAgain } from "./recent-refusals.ts";

async function known(c: AppContext, key: string): Promise<Caller | null> {
  const hash = await sha256Hex(key);
  refuseAgain(hash, needsPlace(c.req.method));
  const network = networkOf(c.req.header("cf-connecting-ip"));
  return callerOf(contextOf(c), { key, hash, network });
}

async function callerOfRequest(c: AppContext): Promise<Caller> {
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

/** Who is calling. Problems: `missing_api_key`, `invalid_api_key`, `rate_limited`, `too_much_at_once`. */
export const authenticate: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set("caller", await callerOfRequest(c));
  await next();
};
