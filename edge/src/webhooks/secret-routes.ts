// The tenant's own secret, which signs what goes to the `webhook_url` of single checks and references.

import { webhookSecretSchema } from "@twinframe/shared/contract";
import { needs } from "../auth/access.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { Api } from "../platform/openapi/api.ts";
import { json } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { readTenantSecret, rotateSecret, tenantOwner } from "./secrets.ts";

const secret = webhookSecretSchema.meta({ id: "WebhookSecret" });

export const webhookSecret = new Api()
  .serve(
    createRoute({
      method: "get",
      path: "/v1/webhook-secret",
      operationId: "getWebhookSecret",
      tags: ["Webhooks"],
      summary: "The secret for `webhook_url`",
      description: "It signs what goes to the `webhook_url` of single checks and references.",
      ...needs("webhooks:manage"),
      responses: { 200: { description: "The secret.", content: json(secret) } },
    }),
    async (c) => c.json(await readTenantSecret(contextOf(c), tenantOf(c)), 200),
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/webhook-secret/rotate",
      operationId: "rotateWebhookSecret",
      tags: ["Webhooks"],
      summary: "Another secret for `webhook_url`",
      description: "For 24 hours what is sent is signed with both.",
      ...needs("webhooks:manage"),
      responses: { 200: { description: "The new one.", content: json(secret) } },
    }),
    async (c) => c.json(await rotateSecret(contextOf(c), tenantOwner(tenantOf(c))), 200),
  );
