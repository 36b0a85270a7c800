import { backendReadinessSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import { contextOf } from "../platform/http/of-request.ts";
import { Api } from "../platform/openapi/api.ts";
import { json } from "../platform/openapi/content.ts";
import { createRoute, isPublic } from "../platform/openapi/route.ts";
import { readinessView } from "./readiness.ts";

const { model, execution_provider, index } = backendReadinessSchema.shape;
const readinessSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()),
  model: model.nullable(),
  execution_provider: execution_provider.nullable(),
  index: index.nullable(),
});

export const health = new Api()
  .serve(
    createRoute({
      method: "get",
      path: "/livez",
      operationId: "live",
      tags: ["Health"],
      summary: "Whether the edge runs",
      ...isPublic,
      responses: { 200: { description: "It does.", content: json(z.object({ live: z.literal(true) })) } },
    }),
    (c) => c.json({ live: true as const }, 200),
  )
  .serve(
    createRoute({
      method: "get",
      path: "/readyz",
      operationId: "ready",
      tags: ["Health"],
      summary: "Whether checks can be answered",
      ...isPublic,
      responses: {
        200: { description: "They can.", content: json(readinessSchema) },
        503: { description: "They cannot, for these reasons.", content: json(readinessSchema) },
      },
    }),
    async (c) => {
      const told = await readinessView(contextOf(c));
      if (!told.ready) c.header("retry-after", "5");
      return c.json(told, told.ready ? 200 : 503);
    },
  );
