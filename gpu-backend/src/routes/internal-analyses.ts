// PUT /internal/analyses/{id}: start or attach, answered with NDJSON. GET: attach, and never start. DELETE: stop.

import { type AnalysisResult, analysisRequestSchema } from "@twinframe/shared/contract";
import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import type { Analyses } from "../work/analyses.ts";
import { sendEvents } from "./event-stream.ts";

const unknown = () =>
  new ProblemError("analysis_not_found", "No analysis by that id is known; it may have ended long ago.");

export function internalAnalysesRoutes(app: FastifyInstance, analyses: Analyses): void {
  app.put<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) => {
    const parsed = analysisRequestSchema.safeParse(request.body);
    if (!parsed.success) throw problemOfZodError(parsed.error);
    const { id } = request.params;
    return sendEvents(reply, (listener) => analyses.startOrAttach(id, parsed.data, listener));
  });

  app.get<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) =>
    sendEvents<AnalysisResult>(reply, (listener) => {
      const leave = analyses.attach(request.params.id, listener);
      if (leave === null) throw unknown();
      return leave;
    }),
  );

  app.delete<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) => {
    if (!analyses.cancel(request.params.id)) throw unknown();
    return reply.code(204).send();
  });
}
