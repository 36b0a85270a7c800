// All that watches the application: events of requests and of work in the log, metrics, traces.

import type { FastifyInstance } from "fastify";
import type { Config } from "../config.ts";
import type { Stages } from "../pipeline/stages.ts";
import { WorkWatch } from "../work/watch.ts";
import { metrics } from "./metrics.ts";
import { requestEvents } from "./request-events.ts";
import type { Tracing } from "./tracing.ts";
import { logReason, workLog } from "./work-log.ts";

export interface Observed {
  /** What answers now. */
  stages: () => Pick<Stages, "embedder" | "index">;
  isDraining: () => boolean;
  tracing: Tracing | undefined;
}

export interface Observation {
  /** Work that is to be watched runs through it. */
  watch: WorkWatch;
  /** Hears the errors of such work. */
  onFailure(id: string, error: unknown): void;
}

export function observe(app: FastifyInstance, config: Config, observed: Observed): Observation {
  const { stages, isDraining, tracing } = observed;
  const watch = new WorkWatch();
  watch.onEnded(workLog(app.log));
  if (tracing) watch.onEnded(tracing.ended);
  requestEvents(app);
  const { metricsToken: token, indexMaxBytes } = config;
  const maxRunning = config.limiter.maxRunning;
  if (token !== undefined) {
    const work = metrics(app, { token, stages, watch, maxRunning, indexMaxBytes, isDraining });
    watch.onEnded(work.ended);
  }
  return { watch, onFailure: (id, error) => logReason(app.log, id, error) };
}
