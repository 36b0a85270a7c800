// The HTTP application: plugins and routes over a composition. It does not listen; server.ts does.

import fastify, { type FastifyInstance } from "fastify";
import type { Composition } from "./compose.ts";
import type { Config } from "./config.ts";
import { Analyses } from "./pipeline/analyses.ts";
import { analysisRunner } from "./pipeline/run-analysis.ts";
import { problemReplies } from "./plugins/problems.ts";
import { signedRequests } from "./plugins/signed-requests.ts";
import { healthRoutes } from "./routes/health.ts";
import { internalAnalysesRoutes } from "./routes/internal-analyses.ts";
import { internalReferencesRoutes } from "./routes/internal-references.ts";

const MAX_BODY_BYTES = 256 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

export interface BackendApp {
  app: FastifyInstance;
  /** Says no more than "not ready" from now on, and ends what runs within the grace. */
  drain(graceMs: number): Promise<void>;
}

export function buildApp(config: Config, { stages, store, videoDirectory }: Composition): BackendApp {
  const app = fastify({
    logger: {
      level: config.logLevel,
      // Signed links travel in bodies and queries: neither is ever logged.
      serializers: { req: ({ method, url }) => ({ method, path: url?.split("?")[0] }) },
    },
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    genReqId: (request) => String(request.headers["x-request-id"] ?? crypto.randomUUID()).slice(0, 128),
  });
  const run = analysisRunner({
    stages,
    store,
    directory: videoDirectory,
    maxVideoBytes: config.maxVideoBytes,
    maxRunning: config.maxConcurrentAnalyses,
    maxWaiting: config.maxWaitingAnalyses,
  });
  const analyses = new Analyses(run, (id, error) =>
    app.log.warn({ analysis: id, err: error }, "analysis failed"),
  );
  let draining = false;
  problemReplies(app);
  signedRequests(app, config.signingSecret);
  healthRoutes(app, stages, () => draining);
  internalAnalysesRoutes(app, analyses);
  internalReferencesRoutes(app, stages.index);
  for (const { executionProvider, reason } of stages.embedder.refusedProviders)
    app.log.warn(
      { executionProvider, reason },
      `the execution provider ${executionProvider} could not be used`,
    );
  return {
    app,
    drain: async (graceMs) => {
      draining = true;
      await analyses.drain(graceMs);
    },
  };
}
