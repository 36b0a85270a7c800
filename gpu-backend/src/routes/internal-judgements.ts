// POST /internal/judgements: what other thresholds would have said of checks that are over.

import { type Judgements, judgementRequestSchema } from "@twinframe/shared/contract";
import type { FastifyInstance } from "fastify";
import { withSchemas } from "../plugins/request-schemas.ts";
import { judgeEvidence } from "../verdict/evidence.ts";

/** A hundred checks of ten candidates with twenty segments each. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export function internalJudgementsRoutes(app: FastifyInstance): void {
  const options = { bodyLimit: MAX_BODY_BYTES, schema: { body: judgementRequestSchema } };
  withSchemas(app).post("/internal/judgements", options, async (request) => {
    const { policy, items } = request.body;
    return { judgements: items.map((item) => judgeEvidence(item, policy.visual)) } satisfies Judgements;
  });
}
