// Deliveries as their owners see them: found, listed, sent again.

import type { DeliveryStatus } from "@twinframe/shared/contract";
import type { DeliveryRow, Due } from "./webhook-deliveries.ts";

/** Without the body, which only an attempt needs. */
const COLUMNS = `id, tenant, event_id, type, subject, endpoint_id, address_id, status, error, attempts, tries,
  next_attempt_at, log, created_at`;

export function findDelivery(db: D1Database, tenant: string, id: string): Promise<DeliveryRow | null> {
  return db
    .prepare(`SELECT ${COLUMNS} FROM webhook_deliveries WHERE tenant = ? AND id = ?`)
    .bind(tenant, id)
    .first<DeliveryRow>();
}

export interface DeliveryFilter {
  tenant: string;
  /** Undefined for all of the tenant. */
  endpointId?: string | undefined;
  status?: DeliveryStatus | undefined;
  sinceIso?: string | undefined;
  /** `created_at` and id of the last one seen. */
  before: readonly string[] | null;
  limit: number;
}

/** The newest first. */
export async function listDeliveries(db: D1Database, filter: DeliveryFilter): Promise<DeliveryRow[]> {
  const where = ["tenant = ?"];
  const values: unknown[] = [filter.tenant];
  const and = (sql: string, ...more: unknown[]) => {
    where.push(sql);
    values.push(...more);
  };
  if (filter.endpointId !== undefined) and("endpoint_id = ?", filter.endpointId);
  if (filter.status !== undefined) and("status = ?", filter.status);
  if (filter.sinceIso !== undefined) and("created_at >= ?", filter.sinceIso);
  if (filter.before !== null) and("(created_at, id) < (?, ?)", ...filter.before);
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM webhook_deliveries WHERE ${where.join(" AND ")}
       ORDER BY created_at DESC, id DESC LIMIT ?`,
    )
    .bind(...values, filter.limit)
    .all<DeliveryRow>();
  return results;
}

const AGAIN = "status = 'pending', error = NULL, tries = 0, next_attempt_at";

/** Begins a finished delivery's schedule anew; null when it is not finished. */
export function replayDelivery(
  db: D1Database,
  tenant: string,
  id: string,
  nowIso: string,
): Promise<DeliveryRow | null> {
  return db
    .prepare(
      `UPDATE webhook_deliveries SET ${AGAIN} = ?3
       WHERE tenant = ?1 AND id = ?2 AND status != 'pending' RETURNING ${COLUMNS}`,
    )
    .bind(tenant, id, nowIso)
    .first<DeliveryRow>();
}

/** The same for an endpoint's failed ones of events since then, the oldest first; and how many are left. */
export async function replayFailed(
  db: D1Database,
  endpointId: string,
  sinceIso: string,
  limit: number,
  nowIso: string,
): Promise<{ again: Due[]; remaining: number }> {
  const failed = "endpoint_id = ?1 AND status = 'failed' AND created_at >= ?2";
  const [again, left] = await db.batch([
    db
      .prepare(
        `UPDATE webhook_deliveries SET ${AGAIN} = ?3
         WHERE id IN (SELECT id FROM webhook_deliveries WHERE ${failed} ORDER BY created_at LIMIT ?4)
         RETURNING id, attempts, next_attempt_at`,
      )
      .bind(endpointId, sinceIso, nowIso, limit),
    db
      .prepare(`SELECT COUNT(*) AS remaining FROM webhook_deliveries WHERE ${failed}`)
      .bind(endpointId, sinceIso),
  ]);
  const remaining = (left!.results[0] as { remaining: number }).remaining;
  return { again: again!.results as unknown as Due[], remaining };
}
