// /livez: the process answers. /readyz: it can give verdicts, and by what. Anyone may ask, so the index is asked once a
// second at most.

import type { BackendReadiness } from "@twinframe/shared/contract";
import type { FastifyInstance } from "fastify";
import type { Sandbox } from "../media/index.ts";
import type { StagesSource } from "../pipeline/stages.ts";
import { cachedCall } from "../work/cached-call.ts";

const CACHED_MS = 1000;

const PUBLIC = { config: { access: "public" } } as const;

export function healthRoutes(
  app: FastifyInstance,
  source: StagesSource,
  { level, reason }: Sandbox,
  isDraining: () => boolean,
): void {
  /** Null when the index does not answer. */
  const indexStats = cachedCall(CACHED_MS, async () => {
    try {
      using held = await source.hold();
      const { index } = held.stages;
      const { kind, references, frames, bytes } = await index.stats();
      return { kind, installation: await index.installation(), references, frames, bytes };
    } catch {
      return null;
    }
  });
  app.get("/livez", PUBLIC, () => ({ live: true }));
  app.get("/readyz", PUBLIC, async (_request, reply) => {
    const reasons: string[] = [];
    if (isDraining()) reasons.push("the service is shutting down");
    const stats = await indexStats();
    if (stats === null) reasons.push("the index does not answer");
    const { embedder } = source.latest;
    const { id, version } = embedder.manifest;
    const told = stats ?? { kind: "unknown", installation: null, references: 0, frames: 0, bytes: 0 };
    const readiness: BackendReadiness = {
      ready: reasons.length === 0,
      reasons,
      model: { id, version },
      execution_provider: embedder.executionProvider,
      index: told,
      media_sandbox: { level, reason },
    };
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}
