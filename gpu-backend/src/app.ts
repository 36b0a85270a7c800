// The HTTP application: plugins and routes over a composition. It does not listen; server.ts does.

import fastify, { type FastifyInstance } from "fastify";
import type { Composition } from "./compose.ts";
import type { Config } from "./config.ts";
import { Maintenance, maintenanceRunner } from "./maintenance/maintain.ts";
import { analysisRunner } from "./pipeline/run-analysis.ts";
import { transientTaskRunner } from "./pipeline/run-transient-task.ts";
import { logSandbox } from "./plugins/log-sandbox.ts";
import { observe } from "./plugins/observation.ts";
import { problemReplies } from "./plugins/problems.ts";
import { REQUEST_EVENT_OPTIONS } from "./plugins/request-events.ts";
import { requestSchemas } from "./plugins/request-schemas.ts";
import { type RegisteredRoute, refuseUnroutable, signedRequests } from "./plugins/signed-requests.ts";
import type { Tracing } from "./plugins/tracing.ts";
import { healthRoutes } from "./routes/health.ts";
import { internalAnalysesRoutes } from "./routes/internal-analyses.ts";
import { internalEntriesRoutes } from "./routes/internal-entries.ts";
import { internalIndexRoutes } from "./routes/internal-index.ts";
import { internalJudgementsRoutes } from "./routes/internal-judgements.ts";
import { internalMaintenanceRoutes } from "./routes/internal-maintenance.ts";
import { internalQuestionsRoutes } from "./routes/internal-questions.ts";
import { internalReferencesRoutes } from "./routes/internal-references.ts";
import { Analyses } from "./work/analyses.ts";
import { ConcurrencyLimiter } from "./work/concurrency-limiter.ts";
import { Isolation } from "./work/isolation.ts";
import { TransientTasks } from "./work/transient-tasks.ts";
import { ANALYSIS, MAINTENANCE, TRANSIENT_TASK } from "./work/work-kinds.ts";

const MAX_BODY_BYTES = 256 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** A reference's id has up to 200 characters, each of which may be percent-encoded. */
const MAX_PARAMETER_CHARS = 600;

export interface BackendApp {
  app: FastifyInstance;
  /** All that are registered, with those that Fastify adds. */
  routes: readonly RegisteredRoute[];
  /** Reports not ready and refuses new work; running work has the grace to end, and is then handed back. */
  drain(graceMs: number): Promise<void>;
}

export function buildApp(
  config: Config,
  { generations, store, objects, sandbox, videoDirectory: directory }: Composition,
  tracing?: Tracing,
): BackendApp {
  const app = fastify({
    ...REQUEST_EVENT_OPTIONS(config.logLevel),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARS },
    frameworkErrors: refuseUnroutable,
  });
  const routes = signedRequests(app, config);
  const { maxVideoBytes, limiter: limiterSettings } = config;
  const limiter = new ConcurrencyLimiter(limiterSettings);
  const isolation = new Isolation(limiterSettings.maxWaiting);
  const runner = { source: generations, store, directory, maxVideoBytes, limiter, isolation };
  let draining = false;
  const observed = { stages: () => generations.latest, isDraining: () => draining, tracing };
  const { watch, onFailure } = observe(app, config, observed);
  const analyses = new Analyses(watch.observe(ANALYSIS, analysisRunner(runner)), onFailure);
  const runTransientTask = transientTaskRunner({ ...runner, objects, limiterSettings });
  const transientTasks = new TransientTasks(watch.observe(TRANSIENT_TASK, runTransientTask), onFailure);
  const runMaintenance = maintenanceRunner(generations);
  const maintenance = new Maintenance(watch.observe(MAINTENANCE, runMaintenance), onFailure);
  problemReplies(app);
  requestSchemas(app);
  healthRoutes(app, generations, sandbox, () => draining);
  internalAnalysesRoutes(app, analyses);
  internalQuestionsRoutes(app, transientTasks);
  internalReferencesRoutes(app, generations);
  internalIndexRoutes(app, generations);
  internalEntriesRoutes(app, generations);
  internalMaintenanceRoutes(app, maintenance);
  internalJudgementsRoutes(app);
  logSandbox(app.log, sandbox);
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
    routes,
    drain: async (graceMs) => {
      draining = true;
      limiter.close();
      await Promise.all([analyses.drain(graceMs), transientTasks.drain(graceMs), maintenance.drain(graceMs)]);
    },
  };
}
