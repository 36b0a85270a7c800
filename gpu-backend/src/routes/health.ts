// /livez: the process answers. /readyz: it can give verdicts, and by what.

import type { BackendReadiness } from "@twinframe/shared/contract";
import type { FastifyInstance } from "fastify";
import type { Stages } from "../pipeline/stages.ts";

export function healthRoutes(app: FastifyInstance, stages: Stages, isDraining: () => boolean): void {
  app.get("/livez", () => ({ live: true }));
  app.get("/readyz", async (_request, reply) => {
    const { id, version } = stages.embedder.manifest;
    const reasons: string[] = [];
    if (isDraining()) reasons.push("the service is shutting down");
    const { kind, references, frames, bytes } = await stages.index.stats().catch(() => {
      reasons.push("the index does not answer");
      return { kind: "unknown", references: 0, frames: 0, bytes: 0 };
    });
    const readiness: BackendReadiness = {
      ready: reasons.length === 0,
      reasons,
      model: { id, version },
      execution_provider: stages.embedder.executionProvider,
      index: { kind, references, frames, bytes },
    };
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}
