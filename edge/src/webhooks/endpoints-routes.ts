import {
  createWebhookEndpointSchema,
  patchWebhookEndpointSchema,
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { headers, idParams, json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import {
  createEndpoint,
  deleteEndpoint,
  endpointOf,
  patchEndpoint,
  rotateEndpoint,
  testEndpoint,
} from "./endpoints.ts";
import { listEndpoints } from "./store/webhook-endpoints.ts";
import { endpointView } from "./view.ts";
import { cursorOf, idOf } from "./webhook-ids.ts";

const endpoint = webhookEndpointSchema.meta({ id: "WebhookEndpoint" });
const withSecret = webhookEndpointWithSecretSchema.meta({ id: "WebhookEndpointWithSecret" });
export const delivery = webhookDeliverySchema.meta({ id: "WebhookDelivery" });

export const webhookEndpoints = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/webhook-endpoints",
      operationId: "createWebhookEndpoint",
      tags: ["Webhooks"],
      summary: "Add a webhook endpoint",
      description:
        "Events go there as Standard Webhooks has them. The answer is the only one that shows the secret.",
      ...needs("webhooks:manage"),
      request: { body: jsonBody(createWebhookEndpointSchema) },
      responses: {
        201: {
          description: "Added.",
          content: json(withSecret),
          headers: headers({ location: "The endpoint." }),
        },
      },
      problems: ["invalid_url", "source_address_refused", "too_many_webhook_endpoints"],
    }),
    async (c) => {
      const created = await createEndpoint(contextOf(c), tenantOf(c), c.req.valid("json"));
      c.header("location", `/v1/webhook-endpoints/${created.id}`);
      return c.json(created, 201);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/webhook-endpoints",
      operationId: "listWebhookEndpoints",
      tags: ["Webhooks"],
      summary: "The webhook endpoints",
      ...needs("webhooks:manage"),
      request: { query: z.strictObject(pageQuery) },
      responses: { 200: { description: "A page of them.", content: json(pageSchema(endpoint)) } },
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const [after = ""] = cursorOf(cursor, 1) ?? [];
      const rows = await listEndpoints(c.env.DB, tenantOf(c), after, limit + 1);
      const { data, next_cursor } = pageOf(rows, limit, ({ id }) => [id]);
      return c.json({ data: data.map(endpointView), next_cursor }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/webhook-endpoints/{id}",
      operationId: "getWebhookEndpoint",
      tags: ["Webhooks"],
      summary: "A webhook endpoint",
      ...needs("webhooks:manage"),
      request: { params: idParams },
      responses: { 200: { description: "The endpoint.", content: json(endpoint) } },
      problems: ["webhook_endpoint_not_found"],
    }),
    async (c) => c.json(endpointView(await endpointOf(contextOf(c), tenantOf(c), idOf(c))), 200),
  )
  .serve(
    createRoute({
      method: "patch",
      path: "/v1/webhook-endpoints/{id}",
      operationId: "patchWebhookEndpoint",
      tags: ["Webhooks"],
      summary: "Change a webhook endpoint",
      description: 'What is left out stays. `{"disabled": false}` takes up one that was disabled.',
      ...needs("webhooks:manage"),
      request: { params: idParams, body: jsonBody(patchWebhookEndpointSchema) },
      responses: { 200: { description: "As it is now.", content: json(endpoint) } },
      problems: ["webhook_endpoint_not_found", "invalid_url", "source_address_refused"],
    }),
    async (c) => c.json(await patchEndpoint(contextOf(c), tenantOf(c), idOf(c), c.req.valid("json")), 200),
  )
  .serve(
    createRoute({
      method: "delete",
      path: "/v1/webhook-endpoints/{id}",
      operationId: "deleteWebhookEndpoint",
      tags: ["Webhooks"],
      summary: "Delete a webhook endpoint",
      description: "Nothing more is sent to it.",
      ...needs("webhooks:manage"),
      request: { params: idParams },
      responses: { 204: { description: "Deleted." } },
      problems: ["webhook_endpoint_not_found"],
    }),
    async (c) => {
      await deleteEndpoint(contextOf(c), tenantOf(c), idOf(c));
      return c.body(null, 204);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/webhook-endpoints/{id}/rotate",
      operationId: "rotateWebhookEndpoint",
      tags: ["Webhooks"],
      summary: "Give an endpoint another secret",
      description: "For 24 hours what is sent is signed with both.",
      ...needs("webhooks:manage"),
      request: { params: idParams },
      responses: { 200: { description: "With the new secret, shown once.", content: json(withSecret) } },
      problems: ["webhook_endpoint_not_found"],
    }),
    async (c) => c.json(await rotateEndpoint(contextOf(c), tenantOf(c), idOf(c)), 200),
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/webhook-endpoints/{id}/test",
      operationId: "testWebhookEndpoint",
      tags: ["Webhooks"],
      summary: "Send an endpoint a test event",
      description: "`webhook.test` is sent once, without further attempts.",
      ...needs("webhooks:manage"),
      request: { params: idParams },
      responses: {
        202: {
          description: "It is on its way.",
          content: json(delivery),
          headers: headers({ location: "The delivery." }),
        },
      },
      problems: ["webhook_endpoint_not_found"],
    }),
    async (c) => {
      const sent = await testEndpoint(contextOf(c), tenantOf(c), idOf(c));
      c.header("location", `/v1/webhook-deliveries/${sent.id}`);
      return c.json(sent, 202);
    },
  );
