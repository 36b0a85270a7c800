// Sending again by hand what was delivered or given up: the whole schedule anew, with the same message id.

import type { WebhookDelivery } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { endpointOf } from "./endpoints.ts";
import { queueDeliveries } from "./queue.ts";
import { hasAddress } from "./store/webhook-addresses.ts";
import type { DeliveryRow } from "./store/webhook-deliveries.ts";
import { findEndpoint } from "./store/webhook-endpoints.ts";
import { findDelivery, replayDelivery, replayFailed } from "./store/webhook-log.ts";
import { deliveryView } from "./view.ts";

const MAX_REPLAYED = 1000;

const refused = (detail: string) => new ProblemError("webhook_replay_refused", detail);
const pending = () => refused("It is still to be sent: its next attempt is planned.");
const disabled = () => refused('Its endpoint is disabled: PATCH it with {"disabled": false} first.');

export async function deliveryOf(
  { bindings }: RequestContext,
  tenant: string,
  id: string,
): Promise<DeliveryRow> {
  const row = await findDelivery(bindings.DB, tenant, id);
  if (row === null) {
    throw new ProblemError(
      "webhook_delivery_not_found",
      "There is no webhook delivery with this id, or it is too old to be kept.",
    );
  }
  return row;
}

async function refuseNowhere({ bindings: { DB } }: RequestContext, row: DeliveryRow): Promise<void> {
  if (row.endpoint_id === null) {
    if (await hasAddress(DB, row.address_id!)) return;
    throw refused("The address that its request gave was forgotten when the event had arrived.");
  }
  const endpoint = await findEndpoint(DB, row.tenant, row.endpoint_id);
  if (endpoint === null) throw refused("Its endpoint has been deleted.");
  if (endpoint.disabled_at !== null) throw disabled();
}

export async function replayOne(
  context: RequestContext,
  tenant: string,
  id: string,
): Promise<WebhookDelivery> {
  const row = await deliveryOf(context, tenant, id);
  if (row.status === "pending") throw pending();
  await refuseNowhere(context, row);
  const nowIso = new Date().toISOString();
  const again = await replayDelivery(context.bindings.DB, tenant, id, nowIso);
  if (again === null) throw pending();
  context.defer(queueDeliveries(context, [{ id, attempts: again.attempts, next_attempt_at: nowIso }]));
  return deliveryView(again);
}

/** All that an endpoint has missed of events since then, as many at a time as one call can take. */
export async function replayAllFailed(
  context: RequestContext,
  tenant: string,
  endpointId: string,
  since: string,
): Promise<{ replayed: number; remaining: number }> {
  const endpoint = await endpointOf(context, tenant, endpointId);
  if (endpoint.disabled_at !== null) throw disabled();
  const sinceIso = new Date(since).toISOString();
  const nowIso = new Date().toISOString();
  const { again, remaining } = await replayFailed(
    context.bindings.DB,
    endpointId,
    sinceIso,
    MAX_REPLAYED,
    nowIso,
  );
  context.defer(queueDeliveries(context, again));
  return { replayed: again.length, remaining };
}
