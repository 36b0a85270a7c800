// The HTTP application: plugins and routes over a composition. It does not listen; server.ts does.

import fastify, { type FastifyInstance } from "fastify";
import type { Composition } from "./compose.ts";
import type { Config } from "./config.ts";
import type { Tracing } from "./observe/tracing.ts";
import { ANALYSIS, QUESTION } from "./observe/work-kinds.ts";
import { Analyses } from "./pipeline/analyses.ts";
import { questionAnswerer } from "./pipeline/answer-question.ts";
import { Questions } from "./pipeline/questions.ts";
import { analysisRunner } from "./pipeline/run-analysis.ts";
import { Slots } from "./pipeline/slots.ts";
import { observe } from "./plugins/observation.ts";
import { problemReplies } from "./plugins/problems.ts";
import { REQUEST_EVENT_OPTIONS } from "./plugins/request-events.ts";
import { signedRequests } from "./plugins/signed-requests.ts";
import { healthRoutes } from "./routes/health.ts";
import { internalAnalysesRoutes } from "./routes/internal-analyses.ts";
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
  { stages, store, objects, videoDirectory: directory }: Composition,
  tracing?: Tracing,
): BackendApp {
  const app = fastify({
    ...REQUEST_EVENT_OPTIONS(config.logLevel),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
  });
  const { maxVideoBytes, maxConcurrentAnalyses, maxWaitingAnalyses: maxWaiting } = config;
  const slots = new Slots(maxConcurrentAnalyses, maxWaiting);
  const runner = { stages, store, directory, maxVideoBytes, slots };
  let draining = false;
  const observed = { stages: () => stages, isDraining: () => draining, tracing };
  const { watch, onFailure } = observe(app, config, observed);
  const analyses = new Analyses(watch.over(ANALYSIS, analysisRunner(runner)), onFailure);
  const answerer = questionAnswerer({ ...runner, objects, maxWaiting });
  const questions = new Questions(watch.over(QUESTION, answerer), onFailure);
  problemReplies(app);
  signedRequests(app, config.signingSecret);
  healthRoutes(app, stages, () => draining);
  internalAnalysesRoutes(app, analyses);
  internalQuestionsRoutes(app, questions);
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
      await Promise.all([analyses.drain(graceMs), questions.drain(graceMs)]);
    },
  };
}
