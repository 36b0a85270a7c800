// For the operator's Prometheus, with a secret of its own: no key of any tenant opens it.

import { ProblemError } from "@twinframe/shared/problem";
import { sha256Hex } from "@twinframe/shared/signing";
import { Hono } from "hono";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { notFound, onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { EXPOSITION_CONTENT_TYPE, exposition } from "../platform/telemetry/exposition.ts";
import { edgeMetrics } from "./edge-metrics.ts";

/** Compared as hashes, so that the time it takes says nothing of the token. */
async function isToken(header: string | undefined, token: string): Promise<boolean> {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  return given !== undefined && (await sha256Hex(given)) === (await sha256Hex(token));
}

async function authorise(c: AppContext): Promise<void> {
  const { metricsToken } = requestContextOf(c.env, c.executionCtx).config;
  if (metricsToken === undefined) throw notFound();
  if (await isToken(c.req.header("authorization"), metricsToken)) return;
  throw new ProblemError("invalid_api_key", "Send the metrics token as: Authorization: Bearer TOKEN.");
}

export const metrics = new Hono<AppEnv>()
  .use("/metrics", async (c, next) => {
    await authorise(c);
    await next();
  })
  .get("/metrics", async (c) => {
    const text = exposition(await edgeMetrics(c.env.DB, Date.now()));
    return c.body(text, 200, { "content-type": EXPOSITION_CONTENT_TYPE });
  })
  .all("/metrics", onlyMethods("GET"));
