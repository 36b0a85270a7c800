import type { RequestContext } from "../platform/request-context.ts";
import { currentTraceparent } from "../platform/telemetry/operation.ts";
import { queueDelayS } from "./schedule.ts";
import type { Due } from "./store/webhook-deliveries.ts";

/** What a queue takes at once. */
const MAX_BATCH = 100;

/** Sends the messages of deliveries at their time. What is lost here, the sweeper makes up for. */
export async function queueDeliveries({ bindings }: RequestContext, due: readonly Due[]): Promise<void> {
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
export function startDeliveries(context: RequestContext, results: readonly D1Result[]): string[] {
  const ids = results.flatMap(({ results: rows }) =>
    (rows as { delivery_id?: string }[]).flatMap(({ delivery_id: id }) => (id === undefined ? [] : [id])),
  );
  if (ids.length > 0) {
    const next_attempt_at = new Date().toISOString();
    context.defer(
      queueDeliveries(
        context,
        ids.map((id) => ({ id, attempts: 0, next_attempt_at })),
      ),
    );
  }
  return ids;
}
