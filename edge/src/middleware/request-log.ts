import { newId } from "@twinframe/shared/ids";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { drainBody } from "../intake/drain.ts";
import type { Caller } from "../keys/caller.ts";
import type { AppEnv } from "./http-types.ts";

const callerOf = (caller: Caller | undefined) =>
  caller === undefined ? {} : { tenant: caller.tenant, key_id: caller.keyId };

/**
 * Gives every request an id and one line in the log. The line has the route's pattern, not the address: that
 * may hold a signature.
 */
export const requestLog: MiddlewareHandler<AppEnv> = async (c, next) => {
  const startedMs = Date.now();
  const requestId = newId("req");
  c.set("requestId", requestId);
  await next();
  if (c.res.status >= 400) await drainBody(c.req.raw.body, "refused");
  c.header("x-request-id", requestId);
  c.header("cache-control", "no-store");
  const entry = {
    op: `${c.req.method} ${routePath(c, -1)}`,
    status: c.res.status,
    code: c.get("problemCode"),
    ms: Date.now() - startedMs,
    request_id: requestId,
    ...callerOf(c.get("caller")),
  };
  console.log(JSON.stringify(entry));
};
