// For the operator's Prometheus, with a secret of its own: no key of any tenant opens it.

import { ProblemError } from "@twinframe/shared/problem";
import { sha256Hex } from "@twinframe/shared/signing";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../platform/http/http-types.ts";
import { contextOf } from "../platform/http/of-request.ts";
import { notFound } from "../platform/http/problem.ts";
import { Api } from "../platform/openapi/api.ts";
import { createRoute, guardedBy } from "../platform/openapi/route.ts";
import { EXPOSITION_CONTENT_TYPE, exposition } from "../platform/telemetry/exposition.ts";
import { edgeMetrics } from "./edge-metrics.ts";

/** Compared as hashes, so that the time it takes says nothing of the token. */
async function isToken(header: string | undefined, token: string): Promise<boolean> {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  return given !== undefined && (await sha256Hex(given)) === (await sha256Hex(token));
}

const requireMetricsToken: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { metricsToken } = contextOf(c).config;
  if (metricsToken === undefined) throw notFound();
  if (!(await isToken(c.req.header("authorization"), metricsToken)))
    throw new ProblemError("invalid_api_key", "Send the metrics token as: Authorization: Bearer TOKEN.");
  await next();
};

export const metrics = new Api().serve(
  createRoute({
    method: "get",
    path: "/metrics",
    ...guardedBy(requireMetricsToken, "metrics token"),
    responses: { 200: { description: "Prometheus text." } },
  }),
  async (c) => {
    const text = exposition(await edgeMetrics(c.env.DB, Date.now()));
    return c.body(text, 200, { "content-type": EXPOSITION_CONTENT_TYPE });
  },
);
