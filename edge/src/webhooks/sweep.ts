import type { Services } from "../services.ts";
import { forgetAddressesBefore } from "../stores/webhook-addresses.ts";
import { forgetDeliveriesBefore, touchOverdue } from "../stores/webhook-deliveries.ts";
import { forgetRetiredSecrets } from "../stores/webhook-secrets.ts";
import { queueDeliveries } from "./queue.ts";

/** A message may be so late without being lost. */
const LATE_MS = 60_000;
const DAY_MS = 24 * 3600_000;

/** Sends again the messages that were lost, and forgets what is old. `dueMs`: as the sweep's. */
export async function sweepWebhooks(services: Services, dueMs: number, nowMs: number): Promise<number> {
  const db = services.bindings.DB;
  const iso = (ms: number) => new Date(ms).toISOString();
  const overdue = await touchOverdue(db, iso(Math.min(nowMs, dueMs - LATE_MS)), iso(nowMs));
  await queueDeliveries(services, overdue);
  const oldIso = iso(nowMs - services.config.webhooks.logDays * DAY_MS);
  await db.batch([
    forgetDeliveriesBefore(db, oldIso),
    forgetAddressesBefore(db, oldIso),
    forgetRetiredSecrets(db, iso(nowMs)),
  ]);
  return overdue.length;
}
