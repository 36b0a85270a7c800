// A tenant's endpoints: made, changed, given another secret, tested, removed.

import type {
  CreateWebhookEndpoint,
  PatchWebhookEndpoint,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookSecret,
} from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { bodyOf } from "./events.ts";
import { startDeliveries } from "./queue.ts";
import { receiverUrl } from "./receiver-url.ts";
import { firstSecret, rotateSecret } from "./secrets.ts";
import {
  addEndpoint,
  changeEndpoint,
  type EndpointRow,
  findEndpoint,
  removeEndpoint,
} from "./store/webhook-endpoints.ts";
import { findDelivery } from "./store/webhook-log.ts";
import { tellEndpoint } from "./store/webhook-outbox.ts";
import { forgetSecrets } from "./store/webhook-secrets.ts";
import { deliveryView, endpointView } from "./view.ts";

const MAX_ENDPOINTS = 20;

const endpointNotFound = () =>
  new ProblemError(
    "webhook_endpoint_not_found",
    "There is no webhook endpoint with this id; list them with GET /v1/webhook-endpoints.",
  );

const eventsColumn = (events: readonly string[] | null) =>
  events === null ? null : JSON.stringify([...new Set(events)]);

export async function createEndpoint(
  context: RequestContext,
  tenant: string,
  { url, events, description }: CreateWebhookEndpoint,
): Promise<WebhookEndpoint & WebhookSecret> {
  const { bindings, config } = context;
  const nowIso = new Date().toISOString();
  const row: EndpointRow = {
    id: newId("whk"),
    tenant,
    url: receiverUrl(config, url, "/url").href,
    description,
    events: eventsColumn(events),
    disabled_at: null,
    disabled_reason: null,
    failing_since: null,
    created_at: nowIso,
  };
  const owner = { tenant, endpointId: row.id };
  const { secret, statement } = await firstSecret(context, owner, nowIso);
  const [added] = await bindings.DB.batch([addEndpoint(bindings.DB, row, MAX_ENDPOINTS), statement]);
  if (added!.meta.changes === 0) {
    await forgetSecrets(bindings.DB, owner).run();
    throw new ProblemError(
      "too_many_webhook_endpoints",
      `A tenant may have ${MAX_ENDPOINTS} webhook endpoints. Delete one that is no longer needed.`,
    );
  }
  return { ...endpointView(row), secret, previous_secret_until: null };
}

export async function endpointOf(
  { bindings }: RequestContext,
  tenant: string,
  id: string,
): Promise<EndpointRow> {
  const row = await findEndpoint(bindings.DB, tenant, id);
  if (row === null) throw endpointNotFound();
  return row;
}

export async function patchEndpoint(
  { bindings, config }: RequestContext,
  tenant: string,
  id: string,
  { url, events, description, disabled }: PatchWebhookEndpoint,
): Promise<WebhookEndpoint> {
  const change = {
    ...(url === undefined ? {} : { url: receiverUrl(config, url, "/url").href }),
    ...(events === undefined ? {} : { events: eventsColumn(events) }),
    ...(description === undefined ? {} : { description }),
    disabled,
  };
  const row = await changeEndpoint(bindings.DB, tenant, id, change, new Date().toISOString());
  if (row === null) throw endpointNotFound();
  return endpointView(row);
}

/** What is still to be sent to it ends when its time comes. */
export async function deleteEndpoint(
  { bindings }: RequestContext,
  tenant: string,
  id: string,
): Promise<void> {
  const [removed] = await bindings.DB.batch([
    removeEndpoint(bindings.DB, tenant, id),
    forgetSecrets(bindings.DB, { tenant, endpointId: id }),
  ]);
  if (removed!.meta.changes === 0) throw endpointNotFound();
}

export async function rotateEndpoint(
  context: RequestContext,
  tenant: string,
  id: string,
): Promise<WebhookEndpoint & WebhookSecret> {
  const row = await endpointOf(context, tenant, id);
  return { ...endpointView(row), ...(await rotateSecret(context, { tenant, endpointId: id })) };
}

/** Sends an event made up for it, once, whatever events it asked for. */
export async function testEndpoint(
  context: RequestContext,
  tenant: string,
  id: string,
): Promise<WebhookDelivery> {
  const db = context.bindings.DB;
  const nowIso = new Date().toISOString();
  const type = "webhook.test";
  const eventId = newId("evt");
  const body = bodyOf(type, nowIso, { endpoint_id: id });
  const event = { id: eventId, tenant, type, subject: id, jobId: eventId, body } as const;
  const [deliveryId] = startDeliveries(context, [await tellEndpoint(db, event, id, nowIso).all()]);
  if (deliveryId === undefined) throw endpointNotFound();
  return deliveryView((await findDelivery(db, tenant, deliveryId))!);
}
