// PUT /internal/analyses/{id}: start or attach, answered with NDJSON. DELETE: stop it.

import { analysisRequestSchema } from "@twinframe/shared/contract";
import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import type { Analyses } from "../pipeline/analyses.ts";
import { sendEvents } from "./event-stream.ts";

export function internalAnalysesRoutes(app: FastifyInstance, analyses: Analyses): void {
  app.put<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) => {
    const parsed = analysisRequestSchema.safeParse(request.body);
    if (!parsed.success) throw problemOfZodError(parsed.error);
    return sendEvents(reply, (listener) => analyses.startOrAttach(request.params.id, parsed.data, listener));
  });

  app.delete<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) => {
    if (!analyses.cancel(request.params.id))
      throw new ProblemError(
        "analysis_not_found",
        "No analysis by that id is known; it may have ended long ago.",
      );
    return reply.code(204).send();
  });
}
