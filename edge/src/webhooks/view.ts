import type { WebhookDelivery, WebhookEndpoint } from "@twinframe/shared/contract";
import type { DeliveryRow } from "./store/webhook-deliveries.ts";
import type { EndpointRow } from "./store/webhook-endpoints.ts";

export const endpointView = (row: EndpointRow): WebhookEndpoint => ({
  id: row.id,
  url: row.url,
  events: row.events === null ? null : JSON.parse(row.events),
  description: row.description,
  disabled: row.disabled_at !== null,
  disabled_reason: row.disabled_reason,
  failing_since: row.failing_since,
  created_at: row.created_at,
});

export const deliveryView = (row: DeliveryRow): WebhookDelivery => ({
  id: row.id,
  event_id: row.event_id,
  type: row.type as WebhookDelivery["type"],
  subject: row.subject,
  endpoint_id: row.endpoint_id,
  status: row.status,
  error: row.error as WebhookDelivery["error"],
  next_attempt_at: row.next_attempt_at,
  created_at: row.created_at,
  attempts: JSON.parse(row.log),
});
