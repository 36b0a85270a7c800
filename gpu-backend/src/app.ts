// The HTTP application: plugins and routes over a composition. It does not listen; server.ts does.

import fastify, { type FastifyInstance } from "fastify";
import type { Composition } from "./compose.ts";
import type { Config } from "./config.ts";
import { Maintenance } from "./maintenance/maintain.ts";
import { Analyses } from "./pipeline/analyses.ts";
import { questionAnswerer } from "./pipeline/answer-question.ts";
import { Questions } from "./pipeline/questions.ts";
import { analysisRunner } from "./pipeline/run-analysis.ts";
import { Slots } from "./pipeline/slots.ts";
import { problemReplies } from "./plugins/problems.ts";
import { signedRequests } from "./plugins/signed-requests.ts";
import { healthRoutes } from "./routes/health.ts";
import { internalAnalysesRoutes } from "./routes/internal-analyses.ts";
import { internalEntriesRoutes } from "./routes/internal-entries.ts";
import { internalIndexRoutes } from "./routes/internal-index.ts";
import { internalJudgementsRoutes } from "./routes/internal-judgements.ts";
import { internalMaintenanceRoutes } from "./routes/internal-maintenance.ts";
import { internalQuestionsRoutes } from "./routes/internal-questions.ts";
import { internalReferencesRoutes } from "./routes/internal-references.ts";

const MAX_BODY_BYTES = 256 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

export interface BackendApp {
  app: FastifyInstance;
  /** Says no more than "not ready" from now on, and ends what runs within the grace. */
  drain(graceMs: number): Promise<void>;
}

export function buildApp(
  config: Config,
  { generations, store, objects, videoDirectory: directory }: Composition,
): BackendApp {
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
  const { maxVideoBytes, maxConcurrentAnalyses, maxWaitingAnalyses: maxWaiting } = config;
  const slots = new Slots(maxConcurrentAnalyses, maxWaiting);
  const runner = { source: generations, store, directory, maxVideoBytes, slots };
  const analyses = new Analyses(analysisRunner(runner), (id, error) =>
    app.log.warn({ analysis: id, err: error }, "analysis failed"),
  );
  const questions = new Questions(questionAnswerer({ ...runner, objects, maxWaiting }), (id, error) =>
    app.log.warn({ question: id, err: error }, "question failed"),
  );
  const maintenance = new Maintenance(generations, (id, error) =>
    app.log.warn({ maintenance: id, err: error }, "maintenance failed"),
  );
  let draining = false;
  problemReplies(app);
  signedRequests(app, config.signingSecret);
  healthRoutes(app, generations, () => draining);
  internalAnalysesRoutes(app, analyses);
  internalQuestionsRoutes(app, questions);
  internalReferencesRoutes(app, generations);
  internalIndexRoutes(app, generations);
  internalEntriesRoutes(app, generations);
  internalMaintenanceRoutes(app, maintenance);
  internalJudgementsRoutes(app);
  generations.whenStarted((generation, { refusedProviders }) => {
    for (const { executionProvider, reason } of refusedProviders)
      app.log.warn(
        { generation, executionProvider, reason },
        `the execution provider ${executionProvider} could not be used`,
      );
  });
  const { configured } = generations.models;
  const { generation, embedder } = generations.latest;
  if (
    embedder.manifest.id !== configured.manifest.id ||
    embedder.manifest.version !== configured.manifest.version
  )
    app.log.warn(
      { generation, model: embedder.manifest.id, configured: configured.manifest.id },
      "the live generation of the index was made by another model than the configured one: that one answers",
    );
  return {
    app,
    drain: async (graceMs) => {
      draining = true;
      await Promise.all([analyses.drain(graceMs), questions.drain(graceMs), maintenance.drain(graceMs)]);
    },
  };
}
