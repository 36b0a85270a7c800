import { deliveryFilterSchema, replayedSchema, replaySinceSchema } from "@twinframe/shared/contract";
import type { z } from "zod";
import { needs } from "../auth/access.ts";
import type { AppContext } from "../platform/http/http-types.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { idParams, json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { endpointOf } from "./endpoints.ts";
import { delivery } from "./endpoints-routes.ts";
import { deliveryOf, replayAllFailed, replayOne } from "./replay.ts";
import { listDeliveries } from "./store/webhook-log.ts";
import { deliveryView } from "./view.ts";
import { cursorOf, idOf } from "./webhook-ids.ts";

const listQuery = deliveryFilterSchema.extend(pageQuery);
const deliveriesPage = {
  description: "The newest first, each with its attempts.",
  content: json(pageSchema(delivery)),
};

/** Of one endpoint, or all of the tenant: also those to the addresses of single checks and references. */
async function pageOfDeliveries(c: AppContext, query: z.infer<typeof listQuery>, endpointId?: string) {
  const { limit, cursor, status, since } = query;
  const rows = await listDeliveries(c.env.DB, {
    tenant: tenantOf(c),
    endpointId,
    status,
    sinceIso: since === undefined ? undefined : new Date(since).toISOString(),
    before: cursorOf(cursor, 2),
    limit: limit + 1,
  });
  const { data, next_cursor } = pageOf(rows, limit, ({ created_at, id }) => [created_at, id]);
  return { data: data.map(deliveryView), next_cursor };
}

export const webhookDeliveries = new Api()
  .serve(
    createRoute({
      method: "get",
      path: "/v1/webhook-endpoints/{id}/deliveries",
      operationId: "listWebhookEndpointDeliveries",
      tags: ["Webhooks"],
      summary: "What was and will be sent to an endpoint",
      ...needs("webhooks:manage"),
      request: { params: idParams, query: listQuery },
      responses: { 200: deliveriesPage },
      problems: ["webhook_endpoint_not_found"],
    }),
    async (c) => {
      const { id } = await endpointOf(contextOf(c), tenantOf(c), idOf(c));
      return c.json(await pageOfDeliveries(c, c.req.valid("query"), id), 200);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/webhook-endpoints/{id}/replay",
      operationId: "replayWebhookEndpoint",
      tags: ["Webhooks"],
      summary: "Send again what failed since a time",
      description: "Up to 1,000 deliveries a call, the oldest first.",
      ...needs("webhooks:manage"),
      request: { params: idParams, body: jsonBody(replaySinceSchema) },
      responses: { 202: { description: "How many go out again.", content: json(replayedSchema) } },
      problems: ["webhook_endpoint_not_found", "webhook_replay_refused"],
    }),
    async (c) => {
      const { since } = c.req.valid("json");
      return c.json(await replayAllFailed(contextOf(c), tenantOf(c), idOf(c), since), 202);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/webhook-deliveries",
      operationId: "listWebhookDeliveries",
      tags: ["Webhooks"],
      summary: "What was and will be sent",
      description: "To endpoints, and to the `webhook_url` of single checks and references.",
      ...needs("webhooks:manage"),
      request: { query: listQuery },
      responses: { 200: deliveriesPage },
    }),
    async (c) => c.json(await pageOfDeliveries(c, c.req.valid("query")), 200),
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/webhook-deliveries/{id}",
      operationId: "getWebhookDelivery",
      tags: ["Webhooks"],
      summary: "A delivery and its attempts",
      ...needs("webhooks:manage"),
      request: { params: idParams },
      responses: { 200: { description: "The delivery.", content: json(delivery) } },
      problems: ["webhook_delivery_not_found"],
    }),
    async (c) => c.json(deliveryView(await deliveryOf(contextOf(c), tenantOf(c), idOf(c))), 200),
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/webhook-deliveries/{id}/replay",
      operationId: "replayWebhookDelivery",
      tags: ["Webhooks"],
      summary: "Send it again",
      description: "The schedule begins anew, with the same message id.",
      ...needs("webhooks:manage"),
      request: { params: idParams },
      responses: { 202: { description: "It is on its way.", content: json(delivery) } },
      problems: ["webhook_delivery_not_found", "webhook_replay_refused"],
    }),
    async (c) => c.json(await replayOne(contextOf(c), tenantOf(c), idOf(c)), 202),
  );
