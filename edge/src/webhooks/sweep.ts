import type { RequestContext } from "../platform/request-context.ts";
import { queueDeliveries } from "./queue.ts";
import { forgetAddressesBefore } from "./store/webhook-addresses.ts";
import { forgetDeliveriesBefore, touchOverdue } from "./store/webhook-deliveries.ts";
import { forgetRetiredSecrets } from "./store/webhook-secrets.ts";

/** A message may be so late without being lost. */
const LATE_MS = 60_000;
const DAY_MS = 24 * 3600_000;

/** Sends again the messages that were lost, and forgets what is old. `dueMs`: as the sweep's. */
export async function sweepWebhooks(context: RequestContext, dueMs: number, nowMs: number): Promise<number> {
  const db = context.bindings.DB;
  const iso = (ms: number) => new Date(ms).toISOString();
  const overdue = await touchOverdue(db, iso(Math.min(nowMs, dueMs - LATE_MS)), iso(nowMs));
  await queueDeliveries(context, overdue);
  const oldIso = iso(nowMs - context.config.webhooks.logDays * DAY_MS);
  await db.batch([
    forgetDeliveriesBefore(db, oldIso),
    forgetAddressesBefore(db, oldIso),
    forgetRetiredSecrets(db, iso(nowMs)),
  ]);
  return overdue.length;
}
