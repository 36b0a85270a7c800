// /livez: the process answers. /readyz: it can give verdicts, and by what.

import type { BackendReadiness } from "@twinframe/shared/contract";
import type { FastifyInstance } from "fastify";
import type { StagesSource } from "../pipeline/stages.ts";

const PUBLIC = { config: { access: "public" } } as const;

export function healthRoutes(app: FastifyInstance, source: StagesSource, isDraining: () => boolean): void {
  app.get("/livez", PUBLIC, () => ({ live: true }));
  app.get("/readyz", PUBLIC, async (_request, reply) => {
    const reasons: string[] = [];
    using held = await source.hold().catch(() => null);
    const { embedder, index } = held?.stages ?? source.latest;
    const { id, version } = embedder.manifest;
    if (isDraining()) reasons.push("the service is shutting down");
    const about = async () => {
      if (held === null) throw new Error("no generation answers");
      const { kind, references, frames, bytes } = await index.stats();
      return { kind, installation: await index.installation(), references, frames, bytes };
    };
    const told = await about().catch(() => {
      reasons.push("the index does not answer");
      return { kind: "unknown", installation: null, references: 0, frames: 0, bytes: 0 };
    });
    const readiness: BackendReadiness = {
      ready: reasons.length === 0,
      reasons,
      model: { id, version },
      execution_provider: embedder.executionProvider,
      index: told,
    };
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}
