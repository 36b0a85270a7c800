// PUT /internal/analyses/{id}: start or attach, answered with NDJSON. DELETE: stop it.

import { PassThrough } from "node:stream";
import { type AnalysisEvent, analysisRequestSchema } from "@twinframe/shared/contract";
import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import type { Analyses } from "../pipeline/analyses.ts";

/** The edge takes a silent minute for a dead backend; a line goes out far more often. */
const HEARTBEAT_MS = 10_000;

export function internalAnalysesRoutes(app: FastifyInstance, analyses: Analyses): void {
  app.put<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) => {
    const parsed = analysisRequestSchema.safeParse(request.body);
    if (!parsed.success) throw problemOfZodError(parsed.error);
    const lines = new PassThrough();
    let latest: AnalysisEvent | undefined;
    const send = (event: AnalysisEvent) => {
      latest = event;
      lines.write(`${JSON.stringify(event)}\n`);
      if (event.event !== "progress") lines.end();
    };
    const leave = analyses.startOrAttach(request.params.id, parsed.data, send);
    const heartbeat = setInterval(() => {
      if (latest?.event === "progress") send(latest);
    }, HEARTBEAT_MS);
    lines.on("close", () => {
      clearInterval(heartbeat);
      leave();
    });
    // A client that went away must not keep the stream's buffer growing.
    reply.raw.on("close", () => lines.destroy());
    return reply.header("content-type", "application/x-ndjson").send(lines);
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
