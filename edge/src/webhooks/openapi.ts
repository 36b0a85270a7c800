import {
  createWebhookEndpointSchema,
  deliveryFilterSchema,
  patchWebhookEndpointSchema,
  replayedSchema,
  replaySinceSchema,
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
  webhookSecretSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { pageQuery, pageSchema } from "../platform/http/paging.ts";
import type { Operation } from "../platform/openapi/operation.ts";

const tag = "Webhooks";
const scope = "webhooks:manage";
const endpoint = webhookEndpointSchema.meta({ id: "WebhookEndpoint" });
const withSecret = webhookEndpointWithSecretSchema.meta({ id: "WebhookEndpointWithSecret" });
const secret = webhookSecretSchema.meta({ id: "WebhookSecret" });
const delivery = webhookDeliverySchema.meta({ id: "WebhookDelivery" });
const parameters = z.object({ id: z.string() });
const page = z.object(pageQuery);
const deliveriesQuery = deliveryFilterSchema.extend(pageQuery);
const unknown = "webhook_endpoint_not_found";

const endpoints = "/v1/webhook-endpoints";
const one = `${endpoints}/{id}`;
const deliveries = "/v1/webhook-deliveries";

export const WEBHOOK_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: endpoints,
    id: "createWebhookEndpoint",
    tag,
    scope,
    summary: "Add a webhook endpoint",
    description:
      "Events go there as Standard Webhooks has them. The answer is the only one that shows the secret.",
    body: { "application/json": createWebhookEndpointSchema },
    answers: {
      201: { description: "Added.", schema: withSecret, headers: { location: "The endpoint." } },
    },
    problems: ["invalid_url", "source_address_refused", "too_many_webhook_endpoints"],
  },
  {
    method: "get",
    path: endpoints,
    id: "listWebhookEndpoints",
    tag,
    scope,
    summary: "The webhook endpoints",
    query: page,
    answers: { 200: { description: "A page of them.", schema: pageSchema(endpoint) } },
  },
  {
    method: "get",
    path: one,
    id: "getWebhookEndpoint",
    tag,
    scope,
    parameters,
    summary: "A webhook endpoint",
    answers: { 200: { description: "The endpoint.", schema: endpoint } },
    problems: [unknown],
  },
  {
    method: "patch",
    path: one,
    id: "patchWebhookEndpoint",
    tag,
    scope,
    parameters,
    summary: "Change a webhook endpoint",
    description: 'What is left out stays. `{"disabled": false}` takes up one that was disabled.',
    body: { "application/json": patchWebhookEndpointSchema },
    answers: { 200: { description: "As it is now.", schema: endpoint } },
    problems: [unknown, "invalid_url", "source_address_refused"],
  },
  {
    method: "delete",
    path: one,
    id: "deleteWebhookEndpoint",
    tag,
    scope,
    parameters,
    summary: "Delete a webhook endpoint",
    description: "Nothing more is sent to it.",
    answers: { 204: { description: "Deleted." } },
    problems: [unknown],
  },
  {
    ...{ method: "post", path: `${one}/rotate`, id: "rotateWebhookEndpoint", tag, scope, parameters },
    summary: "Give an endpoint another secret",
    description: "For 24 hours what is sent is signed with both.",
    answers: { 200: { description: "With the new secret, shown once.", schema: withSecret } },
    problems: [unknown],
  },
  {
    ...{ method: "post", path: `${one}/test`, id: "testWebhookEndpoint", tag, scope, parameters },
    summary: "Send an endpoint a test event",
    description: "`webhook.test` is sent once, without further attempts.",
    answers: {
      202: { description: "It is on its way.", schema: delivery, headers: { location: "The delivery." } },
    },
    problems: [unknown],
  },
  {
    ...{ method: "get", path: `${one}/deliveries`, id: "listWebhookEndpointDeliveries", tag, scope },
    summary: "What was and will be sent to an endpoint",
    parameters,
    query: deliveriesQuery,
    answers: {
      200: { description: "The newest first, each with its attempts.", schema: pageSchema(delivery) },
    },
    problems: [unknown],
  },
  {
    ...{ method: "post", path: `${one}/replay`, id: "replayWebhookEndpoint", tag, scope, parameters },
    summary: "Send again what failed since a time",
    description: "Up to 1,000 deliveries a call, the oldest first.",
    body: { "application/json": replaySinceSchema },
    answers: { 202: { description: "How many go out again.", schema: replayedSchema } },
    problems: [unknown, "webhook_replay_refused"],
  },
  {
    method: "get",
    path: deliveries,
    id: "listWebhookDeliveries",
    tag,
    scope,
    summary: "What was and will be sent",
    description: "To endpoints, and to the `webhook_url` of single checks and references.",
    query: deliveriesQuery,
    answers: {
      200: { description: "The newest first, each with its attempts.", schema: pageSchema(delivery) },
    },
  },
  {
    ...{ method: "get", path: `${deliveries}/{id}`, id: "getWebhookDelivery", tag, scope, parameters },
    summary: "A delivery and its attempts",
    answers: { 200: { description: "The delivery.", schema: delivery } },
    problems: ["webhook_delivery_not_found"],
  },
  {
    ...{ method: "post", path: `${deliveries}/{id}/replay`, id: "replayWebhookDelivery", tag, scope },
    summary: "Send it again",
    description: "The schedule begins anew, with the same message id.",
    parameters,
    answers: { 202: { description: "It is on its way.", schema: delivery } },
    problems: ["webhook_delivery_not_found", "webhook_replay_refused"],
  },
  {
    method: "get",
    path: "/v1/webhook-secret",
    id: "getWebhookSecret",
    tag,
    scope,
    summary: "The secret for `webhook_url`",
    description: "It signs what goes to the `webhook_url` of single checks and references.",
    answers: { 200: { description: "The secret.", schema: secret } },
  },
  {
    method: "post",
    path: "/v1/webhook-secret/rotate",
    id: "rotateWebhookSecret",
    tag,
    scope,
    summary: "Another secret for `webhook_url`",
    description: "For 24 hours what is sent is signed with both.",
    answers: { 200: { description: "The new one.", schema: secret } },
  },
];
