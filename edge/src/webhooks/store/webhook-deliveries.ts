// Deliveries on their way: begun, ended, overdue, forgotten.

import type { DeliveryStatus } from "@twinframe/shared/contract";

export interface DeliveryRow {
  id: string;
  tenant: string;
  event_id: string;
  type: string;
  subject: string;
  endpoint_id: string | null;
  address_id: string | null;
  status: DeliveryStatus;
  error: string | null;
  attempts: number;
  tries: number;
  next_attempt_at: string | null;
  log: string;
  created_at: string;
}

/** A delivery with an attempt begun, and where it goes: nulls when its endpoint or address is gone. */
export interface BegunAttempt extends DeliveryRow {
  body: string;
  url: string | null;
  sealed_url: string | null;
  disabled_at: string | null;
}

/**
 * Begins the attempt that follows `attempts` others, if it is due and nobody else has begun it. Until
 * `lostIso` it is under way; after that the delivery is due again.
 */
export async function beginAttempt(
  db: D1Database,
  id: string,
  attempts: number,
  nowIso: string,
  lostIso: string,
): Promise<BegunAttempt | null> {
  const [begun, found] = await db.batch<BegunAttempt>([
    db
      .prepare(
        `UPDATE webhook_deliveries
         SET attempts = attempts + 1, tries = tries + 1, next_attempt_at = ?4
         WHERE id = ?1 AND attempts = ?2 AND status = 'pending' AND next_attempt_at <= ?3`,
      )
      .bind(id, attempts, nowIso, lostIso),
    db
      .prepare(
        `SELECT d.*, e.url, e.disabled_at, a.sealed_url FROM webhook_deliveries d
         LEFT JOIN webhook_endpoints e ON e.id = d.endpoint_id
         LEFT JOIN webhook_addresses a ON a.id = d.address_id
         WHERE d.id = ?`,
      )
      .bind(id),
  ]);
  return begun!.meta.changes > 0 ? (found!.results[0] ?? null) : null;
}

export interface AttemptEnd {
  status: DeliveryStatus;
  error: string | null;
  log: string;
  nextAttemptAt: string | null;
}

/** Ends the attempt with that number, unless it counted as lost meanwhile. */
export const endAttempt = (db: D1Database, id: string, attempts: number, end: AttemptEnd, nowIso: string) =>
  db
    .prepare(
      `UPDATE webhook_deliveries
       SET status = ?3, error = ?4, log = ?5, next_attempt_at = ?6, failed_at = iif(?3 = 'failed', ?7, NULL)
       WHERE id = ?1 AND attempts = ?2 AND status = 'pending'`,
    )
    .bind(id, attempts, end.status, end.error, end.log, end.nextAttemptAt, nowIso);

/** Ends a delivery whose attempt was begun but has nowhere to go; that attempt does not count. */
export const endWithoutAttempt = (
  db: D1Database,
  id: string,
  attempts: number,
  error: string,
  nowIso: string,
) =>
  db
    .prepare(
      `UPDATE webhook_deliveries
       SET status = 'failed', error = ?3, tries = tries - 1, next_attempt_at = NULL, failed_at = ?4
       WHERE id = ?1 AND attempts = ?2 AND status = 'pending'`,
    )
    .bind(id, attempts, error, nowIso);

export interface Due {
  id: string;
  attempts: number;
  next_attempt_at: string;
}

export function whenDue(db: D1Database, id: string, attempts: number): Promise<Due | null> {
  return db
    .prepare(
      `SELECT id, attempts, next_attempt_at FROM webhook_deliveries
       WHERE id = ? AND attempts = ? AND status = 'pending'`,
    )
    .bind(id, attempts)
    .first<Due>();
}

/** Those whose time was before `beforeIso`, marked so that others have their turn at the next sweep. */
export async function touchOverdue(db: D1Database, beforeIso: string, nowIso: string): Promise<Due[]> {
  const { results } = await db
    .prepare(
      `UPDATE webhook_deliveries SET next_attempt_at = ?2
       WHERE id IN (SELECT id FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at < ?1
                    ORDER BY next_attempt_at LIMIT 500)
       RETURNING id, attempts, next_attempt_at`,
    )
    .bind(beforeIso, nowIso)
    .all<Due>();
  return results;
}

/** What was told of something that its owner wants forgotten, by the ids of its events. */
export const forgetEvents = (db: D1Database, tenant: string, eventIds: readonly string[]) =>
  db
    .prepare(
      `DELETE FROM webhook_deliveries
       WHERE tenant = ? AND event_id IN (SELECT value FROM json_each(?))`,
    )
    .bind(tenant, JSON.stringify(eventIds));

export const forgetDeliveriesBefore = (db: D1Database, beforeIso: string) =>
  db
    .prepare(
      `DELETE FROM webhook_deliveries
       WHERE id IN (SELECT id FROM webhook_deliveries
                    WHERE created_at < ? AND status != 'pending' LIMIT 1000)`,
    )
    .bind(beforeIso);
