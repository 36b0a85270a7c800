import { newId } from "@twinframe/shared/ids";
import { TRACEPARENT_HEADER } from "@twinframe/shared/trace-context";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { TracingSettings } from "../configuration.ts";
import { requestContextOf } from "../request-context.ts";
import { runOperation } from "../telemetry/run-operation.ts";
import type { Caller } from "./caller.ts";
import { drainBody } from "./drain.ts";
import type { AppContext, AppEnv } from "./http-types.ts";

const callerOf = (caller: Caller | undefined) =>
  caller === undefined ? {} : { tenant: caller.tenant, key_id: caller.keyId };

/** Asked every few seconds, or within the trace of an analysis: no traces of their own. */
const UNTRACED = /^\/(?:livez|readyz|metrics|internal\/.*)$/;

function tracingOf(c: AppContext): TracingSettings | null {
  try {
    return UNTRACED.test(c.req.path) ? null : requestContextOf(c.env, c.executionCtx).config.tracing;
  } catch {
    // A Worker that lacks settings answers all the same, and says there which ones.
    return null;
  }
}

/**
 * Gives every request an id, a trace, and one event in the log. It has the route's pattern, not the address: that
 * may hold a signature.
 */
export const requestLog: MiddlewareHandler<AppEnv> = async (c, next) => {
  const requestId = newId("req");
  c.set("requestId", requestId);
  const start = {
    name: c.req.method,
    kind: "server" as const,
    requestId,
    traceparent: c.req.header(TRACEPARENT_HEADER),
    tracing: tracingOf(c),
    defer: (work: Promise<unknown>) => c.executionCtx.waitUntil(work.catch(() => {})),
  };
  const work = async () => {
    await next();
    if (c.res.status >= 400) await drainBody(c.req.raw.body, "refused");
    c.header("x-request-id", requestId);
    c.header("cache-control", "no-store");
  };
  await runOperation(start, work, (_, ms) => {
    const { status } = c.res;
    const event = { status, code: c.get("problemCode"), ms, ...callerOf(c.get("caller")) };
    return { name: `${c.req.method} ${routePath(c, -1)}`, failed: status >= 500, event };
  });
};
