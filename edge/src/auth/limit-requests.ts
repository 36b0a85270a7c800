// The tenant's and the key's limits, which every answer tells, refusals included.

import type { MiddlewareHandler } from "hono";
import type { Configuration } from "../platform/configuration.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { leavePlace } from "./places.ts";
import { passQuota } from "./rate-limit.ts";
import { needsPlace, noteRefusal } from "./recent-refusals.ts";
import type { Place } from "./store/quota-places.ts";

/** For longer than any request takes: a crash must not keep it for ever. */
const BEYOND_INTAKE_MS = 3 * 60_000;

function placeOf(c: AppContext, config: Configuration): Place | undefined {
  if (!needsPlace(c.req.method)) return undefined;
  const untilMs = Date.now() + config.intake.timeoutMs + BEYOND_INTAKE_MS;
  return { kind: "request", id: crypto.randomUUID(), most: config.tenantLimits.atOnce, untilMs };
}

/** Problems: `rate_limited`, `too_much_at_once`, `overloaded`. */
export const limitRequests: MiddlewareHandler<AppEnv> = async (c, next) => {
  const caller = c.get("caller");
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
    await next();
  } finally {
    if (place !== undefined) leavePlace(context, caller.tenant, place);
  }
  // A response that a route made by itself does not have them yet.
  tellQuota();
};
