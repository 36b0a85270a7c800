import { backendReadinessSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import type { Operation } from "../platform/openapi/operation.ts";

const tag = "Health";
const { model, execution_provider, index } = backendReadinessSchema.shape;
const readiness = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()),
  model: model.nullable(),
  execution_provider: execution_provider.nullable(),
  index: index.nullable(),
});

export const HEALTH_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/livez",
    id: "live",
    tag,
    summary: "Whether the edge runs",
    scope: null,
    answers: { 200: { description: "It does.", schema: z.object({ live: z.literal(true) }) } },
  },
  {
    method: "get",
    path: "/readyz",
    id: "ready",
    tag,
    summary: "Whether checks can be answered",
    scope: null,
    answers: {
      200: { description: "They can.", schema: readiness },
      503: { description: "They cannot, for these reasons.", schema: readiness },
    },
  },
];
