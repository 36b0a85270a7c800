// GET /metrics, in Prometheus' text format. It says nothing of any tenant, and yet how busy we are and by what we
// run: without a token among the settings it does not exist, so that a tunnel to this port shows it to nobody.

import { createHash, timingSafeEqual } from "node:crypto";
import { ProblemError } from "@twinframe/shared/problem";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { Stages } from "../pipeline/stages.ts";
import type { WorkWatch } from "../work/watch.ts";
import { indexMetrics } from "./index-metrics.ts";
import { modelMetrics } from "./model-metrics.ts";
import { routeOf } from "./request-events.ts";
import { type WorkMetrics, workMetrics } from "./work-metrics.ts";

const BUCKETS_S = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 120, 900];

export interface MetricsOptions {
  token: string;
  /** What answers now. */
  stages: () => Pick<Stages, "embedder" | "index">;
  watch: WorkWatch;
  maxRunning: number;
  indexMaxBytes: number;
  isDraining: () => boolean;
}

/** Returns what counts the work that ends. */
export function metrics(app: FastifyInstance, options: MetricsOptions): WorkMetrics {
  const { token, stages, watch, maxRunning, indexMaxBytes: maxBytes, isDraining } = options;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const work = workMetrics(registry, watch, maxRunning);
  modelMetrics(registry, () => stages().embedder);
  const endIndex = indexMetrics(registry, { index: () => stages().index, isDraining, maxBytes });
  requestMetrics(app, registry);
  const onRequest = async ({ headers }: FastifyRequest) => {
    if (!isToken(headers.authorization, token))
      throw new ProblemError("invalid_api_key", "Send the metrics token as: Authorization: Bearer TOKEN.");
  };
  // Prometheus has no signature; the token is the guard.
  app.get("/metrics", { onRequest, config: { access: "public" } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.addHook("onClose", async () => {
    work.close();
    endIndex();
  });
  return work;
}

function requestMetrics(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: "twinframe_http_request_duration_seconds",
    help: "Requests, until their answer's last byte: for work that is followed, its end.",
    labelNames: ["method", "route", "status"] as const,
    buckets: BUCKETS_S,
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    const labels = { method: request.method, route: routeOf(request), status: reply.statusCode };
    duration.observe(labels, reply.elapsedTime / 1000);
  });
}

/** Hashed first, so that the comparison takes as long for every text. */
function isToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return given !== undefined && timingSafeEqual(hash(given), hash(token));
}
