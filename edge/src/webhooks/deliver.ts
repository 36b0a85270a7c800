// One attempt of one delivery: begun by whoever is first, sent, written down, the next one queued.

import type { WebhookAttempt } from "@twinframe/shared/contract";
import type { WebhookMessage } from "../platform/queue/messages.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { addFacts } from "../platform/telemetry/operation.ts";
import { openAddress } from "./addresses.ts";
import { queueDeliveries } from "./queue.ts";
import { receiverUrl } from "./receiver-url.ts";
import { nextAttemptMs } from "./schedule.ts";
import { signingSecrets } from "./secrets.ts";
import { notSent, type Outcome, send } from "./send.ts";
import { signedHeaders } from "./sign.ts";
import { forgetAddress } from "./store/webhook-addresses.ts";
import {
  type BegunAttempt,
  beginAttempt,
  endAttempt,
  endWithoutAttempt,
  whenDue,
} from "./store/webhook-deliveries.ts";
import { disableFailing, disableGone, noteFailing, noteWorking } from "./store/webhook-endpoints.ts";

/** Beyond the time-out: so long after it an attempt whose end was not written counts as lost. */
const LOST_MS = 40_000;
const MAX_LOG = 30;
/** An endpoint where nothing has arrived for so long is disabled when the next delivery is given up. */
const FAILING_MS = 5 * 24 * 3600_000;

const iso = (ms: number) => new Date(ms).toISOString();

/** Why there is nowhere to send it; null when there is. */
function nowhere({ endpoint_id, url, disabled_at, sealed_url }: BegunAttempt): string | null {
  if (endpoint_id === null) return sealed_url === null ? "address_forgotten" : null;
  if (url === null) return "endpoint_deleted";
  return disabled_at === null ? null : "endpoint_disabled";
}

async function attempt(context: RequestContext, delivery: BegunAttempt, nowMs: number): Promise<Outcome> {
  const { config } = context;
  const { tenant, endpoint_id, address_id, url, sealed_url, event_id, body } = delivery;
  const text = endpoint_id === null ? await openAddress(context, address_id!, sealed_url!) : url;
  const secrets = await signingSecrets(context, { tenant, endpointId: endpoint_id ?? "" });
  if (text === null || secrets.length === 0) return notSent("secret_unreadable");
  let target: URL;
  try {
    target = receiverUrl(config, text, "/url");
  } catch {
    return notSent("address_refused");
  }
  const headers = await signedHeaders({ eventId: event_id, body }, secrets, nowMs);
  return send(config, target, headers, body);
}

/** What an attempt's end means for where it went. */
function aftermath(db: D1Database, delivery: BegunAttempt, outcome: Outcome, last: boolean, nowMs: number) {
  const { endpoint_id: id, address_id, url, type } = delivery;
  if (id === null) return outcome.error === null ? [forgetAddress(db, address_id!)] : [];
  if (outcome.error === null) return [noteWorking(db, id)];
  const statements = [noteFailing(db, id, iso(nowMs))];
  if (outcome.error === "gone") statements.push(disableGone(db, id, url!, iso(nowMs)));
  else if (last && type !== "webhook.test")
    statements.push(disableFailing(db, id, iso(nowMs - FAILING_MS), iso(nowMs)));
  return statements;
}

export async function deliverWebhook(context: RequestContext, message: WebhookMessage): Promise<void> {
  const db = context.bindings.DB;
  const { delivery_id: id, after } = message;
  const startedMs = Date.now();
  const lostMs = startedMs + context.config.webhooks.timeoutMs + LOST_MS;
  const delivery = await beginAttempt(db, id, after, iso(startedMs), iso(lostMs));
  if (delivery === null) {
    // Done, or under way; or this message has come before its time, since no queue holds one for so long.
    const due = await whenDue(db, id, after);
    if (due !== null) await queueDeliveries(context, [due]);
    return;
  }
  const reason = nowhere(delivery);
  if (reason !== null) {
    await endWithoutAttempt(db, id, delivery.attempts, reason, iso(startedMs)).run();
    return;
  }
  const outcome = await attempt(context, delivery, startedMs);
  await conclude(context, delivery, outcome, startedMs);
}

async function conclude(
  context: RequestContext,
  delivery: BegunAttempt,
  outcome: Outcome,
  startedMs: number,
) {
  const db = context.bindings.DB;
  const { id, attempts, tries, type } = delivery;
  const { error, status, response, retryAfter } = outcome;
  const endedMs = Date.now();
  const ms = endedMs - startedMs;
  const entry: WebhookAttempt = { number: attempts, at: iso(startedMs), status, ms, error, response };
  const log = [...(JSON.parse(delivery.log) as WebhookAttempt[]), entry].slice(-MAX_LOG);
  const failed = { deliveryId: id, tries, status, retryAfter };
  const ends = error === null || error === "gone";
  const nextMs = ends ? null : nextAttemptMs(failed, type === "webhook.test", endedMs);
  const nextAttemptAt = nextMs === null ? null : iso(nextMs);
  const state = nextMs !== null ? "pending" : error === null ? "delivered" : "failed";
  const end = { status: state, error: null, log: JSON.stringify(log), nextAttemptAt } as const;
  await db.batch([
    endAttempt(db, id, attempts, end, iso(endedMs)),
    ...aftermath(db, delivery, outcome, nextMs === null, endedMs),
  ]);
  // Not the address: it may hold a signature.
  const { tenant, endpoint_id: endpoint } = delivery;
  addFacts({ delivery: id, tenant, endpoint, event: type, attempts, status, error, attempt_ms: ms });
  if (nextAttemptAt !== null)
    await queueDeliveries(context, [{ id, attempts, next_attempt_at: nextAttemptAt }]);
}
