// POST /internal/judgements: what other thresholds would have said of checks that are over.

import { type Judgements, judgementRequestSchema } from "@twinframe/shared/contract";
import { problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import { judgeEvidence } from "../verdict/evidence.ts";

/** A hundred checks of ten candidates with twenty segments each. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export function internalJudgementsRoutes(app: FastifyInstance): void {
  app.post("/internal/judgements", { bodyLimit: MAX_BODY_BYTES }, async (request) => {
    const parsed = judgementRequestSchema.safeParse(request.body);
    if (!parsed.success) throw problemOfZodError(parsed.error);
    const { policy, items } = parsed.data;
    return { judgements: items.map((item) => judgeEvidence(item, policy.visual)) } satisfies Judgements;
  });
}
