// PUT /internal/analyses/{id}: start or attach, answered with NDJSON. GET: attach, and never start. DELETE: stop.

import { type AnalysisResult, analysisRequestSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import { idParams, withSchemas } from "../plugins/request-schemas.ts";
import type { Analyses } from "../work/analyses.ts";
import { sendEvents } from "./event-stream.ts";

const PATH = "/internal/analyses/:id";

const unknown = () =>
  new ProblemError("analysis_not_found", "No analysis by that id is known; it may have ended long ago.");

export function internalAnalysesRoutes(app: FastifyInstance, analyses: Analyses): void {
  const routes = withSchemas(app);

  const start = { schema: { params: idParams, body: analysisRequestSchema } };
  routes.put(PATH, start, async ({ params, body }, reply) =>
    sendEvents(reply, (listener) => analyses.startOrAttach(params.id, body, listener)),
  );

  routes.get(PATH, { schema: { params: idParams } }, async (request, reply) =>
    sendEvents<AnalysisResult>(reply, (listener) => {
      const leave = analyses.attach(request.params.id, listener);
      if (leave === null) throw unknown();
      return leave;
    }),
  );

  routes.delete(PATH, { schema: { params: idParams } }, async (request, reply) => {
    if (!analyses.cancel(request.params.id)) throw unknown();
    return reply.code(204).send();
  });
}
