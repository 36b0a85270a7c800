import { currentTraceparent } from "../observe/operation.ts";
import type { Services } from "../services.ts";
import type { Due } from "../stores/webhook-deliveries.ts";
import { queueDelayS } from "./schedule.ts";

/** What a queue takes at once. */
const MAX_BATCH = 100;

/** Sends the messages of deliveries at their time. What is lost here, the sweeper makes up for. */
export async function queueDeliveries({ bindings }: Services, due: readonly Due[]): Promise<void> {
  const nowMs = Date.now();
  const traceparent = currentTraceparent();
  for (let at = 0; at < due.length; at += MAX_BATCH) {
    const messages = due.slice(at, at + MAX_BATCH).map(({ id, attempts, next_attempt_at }) => ({
      body: { type: "webhook" as const, delivery_id: id, after: attempts, traceparent },
      delaySeconds: queueDelayS(Date.parse(next_attempt_at), nowMs),
    }));
    await bindings.WEBHOOKS.sendBatch(messages);
  }
}

/** Sends what a batch's outbox statements have written, behind the response. */
export function startDeliveries(services: Services, results: readonly D1Result[]): string[] {
  const ids = results.flatMap(({ results: rows }) =>
    (rows as { delivery_id?: string }[]).flatMap(({ delivery_id: id }) => (id === undefined ? [] : [id])),
  );
  if (ids.length > 0) {
    const next_attempt_at = new Date().toISOString();
    services.defer(
      queueDeliveries(
        services,
        ids.map((id) => ({ id, attempts: 0, next_attempt_at })),
      ),
    );
  }
  return ids;
}
