// PUT /internal/analyses/{id}: start or attach, answered with NDJSON. GET: attach, and never start. DELETE: stop.

import { PassThrough } from "node:stream";
import { type AnalysisEvent, analysisRequestSchema } from "@twinframe/shared/contract";
import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Analyses, Listener } from "../pipeline/analyses.ts";

/** The edge takes a silent minute for a dead backend; a line goes out far more often. */
const HEARTBEAT_MS = 10_000;

/** Sends what `listen` tells until the outcome. */
function sendLines(reply: FastifyReply, listen: (listener: Listener) => () => void): FastifyReply {
  const lines = new PassThrough();
  let latest: AnalysisEvent | undefined;
  const send = (event: AnalysisEvent) => {
    latest = event;
    lines.write(`${JSON.stringify(event)}\n`);
    if (event.event !== "progress") lines.end();
  };
  const leave = listen(send);
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
}

const unknown = () =>
  new ProblemError("analysis_not_found", "No analysis by that id is known; it may have ended long ago.");

export function internalAnalysesRoutes(app: FastifyInstance, analyses: Analyses): void {
  app.put<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) => {
    const parsed = analysisRequestSchema.safeParse(request.body);
    if (!parsed.success) throw problemOfZodError(parsed.error);
    const { id } = request.params;
    return sendLines(reply, (listener) => analyses.startOrAttach(id, parsed.data, listener));
  });

  app.get<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) => {
    return sendLines(reply, (listener) => {
      const leave = analyses.attach(request.params.id, listener);
      if (leave === null) throw unknown();
      return leave;
    });
  });

  app.delete<{ Params: { id: string } }>("/internal/analyses/:id", async (request, reply) => {
    if (!analyses.cancel(request.params.id)) throw unknown();
    return reply.code(204).send();
  });
}
