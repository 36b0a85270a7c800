// Browsers of other origins: only of those that the operator lists.

import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { requestContextOf } from "../request-context.ts";
import type { AppContext, AppEnv } from "./http-types.ts";

const originsOf = (c: AppContext) => requestContextOf(c.env, c.executionCtx).config.corsOrigins;

const answer = cors({
  origin: (origin, c) => (originsOf(c as AppContext).includes(origin) ? origin : null),
  allowMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  allowHeaders: ["authorization", "content-type", "idempotency-key", "last-event-id", "prefer"],
  exposeHeaders: [
    ...["idempotency-replayed", "location", "preference-applied", "ratelimit", "ratelimit-policy"],
    ...["retry-after", "x-request-id"],
  ],
  maxAge: 600,
});

export const crossOrigin: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (originsOf(c).length === 0) return next();
  // OPTIONS without this is no preflight: the resources say which methods they have.
  if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method") === undefined)
    return next();
  return answer(c, next);
};
