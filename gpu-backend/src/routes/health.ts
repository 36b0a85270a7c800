// /livez: the process answers. /readyz: it can give verdicts, and by what.

import type { BackendReadiness } from "@twinframe/shared/contract";
import type { FastifyInstance } from "fastify";
import type { Sandbox } from "../media/index.ts";
import type { StagesSource } from "../pipeline/stages.ts";

const PUBLIC = { config: { access: "public" } } as const;

export function healthRoutes(
  app: FastifyInstance,
  source: StagesSource,
  { level, reason }: Sandbox,
  isDraining: () => boolean,
): void {
  app.get("/livez", PUBLIC, () => ({ live: true }));
  app.get("/readyz", PUBLIC, async (_request, reply) => {
    const reasons: string[] = [];
    using held = await source.hold().catch(() => null);
    const { embedder, index } = held?.stages ?? source.latest;
    const { id, version } = embedder.manifest;
    if (isDraining()) reasons.push("the service is shutting down");
    const { kind, references, frames, bytes } = await (held ? index.stats() : Promise.reject()).catch(() => {
      reasons.push("the index does not answer");
      return { kind: "unknown", references: 0, frames: 0, bytes: 0 };
    });
    const readiness: BackendReadiness = {
      ready: reasons.length === 0,
      reasons,
      model: { id, version },
      execution_provider: embedder.executionProvider,
      index: { kind, references, frames, bytes },
      media_sandbox: { level, reason },
    };
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}
