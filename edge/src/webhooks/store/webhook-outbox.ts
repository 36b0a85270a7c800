// Events, written together with what they tell of: one statement that makes a delivery for everyone who wants to
// hear. It goes into the batch of the change, behind or before it as each condition says.

import type { ReferenceKey, SentWebhookEvent } from "@twinframe/shared/contract";

export interface OutboxEvent {
  id: string;
  tenant: string;
  type: SentWebhookEvent;
  subject: string;
  /** The check, or the job of the reference, whose `webhook_url` hears too. */
  jobId: string;
  body: string;
}

/** What must hold for the event to be true: without it a second runner of the same job would tell it again. */
export interface Condition {
  sql: string;
  values: readonly (string | null)[];
}

/** Behind the statement that ends a check at `endedIso`. */
export const checkEndedAt = (id: string, status: "completed" | "failed", endedIso: string): Condition => ({
  sql: "EXISTS (SELECT 1 FROM checks WHERE id = ? AND status = ? AND completed_at = ?)",
  values: [id, status, endedIso],
});

const ofJob = "tenant = ? AND library = ? AND id = ? AND job_id = ?";

/** Behind the statement that makes a reference ready at `readyIso`; with null: whenever it was. */
export const referenceReady = (key: ReferenceKey, jobId: string, readyIso: string | null): Condition => ({
  sql: `EXISTS (SELECT 1 FROM library_references
                WHERE ${ofJob} AND status = 'ready' AND updated_at = COALESCE(?, updated_at))`,
  values: [key.tenant, key.library, key.id, jobId, readyIso],
});

/** Before the statement that gives the claim up. */
export const referenceClaimed = (key: ReferenceKey, jobId: string): Condition => ({
  sql: `EXISTS (SELECT 1 FROM library_references WHERE ${ofJob} AND status = 'indexing')`,
  values: [key.tenant, key.library, key.id, jobId],
});

const ENDPOINTS = `SELECT id AS endpoint_id, NULL AS address_id FROM webhook_endpoints
  WHERE tenant = ? AND disabled_at IS NULL
    AND (events IS NULL OR EXISTS (SELECT 1 FROM json_each(events) WHERE value = ?))`;
const ADDRESSES = "SELECT NULL AS endpoint_id, id AS address_id FROM webhook_addresses WHERE job_id = ?";
const ONE_ENDPOINT =
  "SELECT id AS endpoint_id, NULL AS address_id FROM webhook_endpoints WHERE tenant = ? AND id = ?";

/** The row's column names itself so that the ids can be picked out of a whole batch's results. */
function insertDeliveries(
  db: D1Database,
  { id, tenant, type, subject, body }: OutboxEvent,
  targets: Condition,
  condition: Condition,
  nowIso: string,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT OR IGNORE INTO webhook_deliveries
         (id, tenant, event_id, type, subject, endpoint_id, address_id, body, status, next_attempt_at, created_at)
       SELECT 'dlv_' || lower(hex(randomblob(13))), ?, ?, ?, ?, endpoint_id, address_id, ?, 'pending', ?, ?
       FROM (${targets.sql}) WHERE ${condition.sql}
       RETURNING id AS delivery_id`,
    )
    .bind(tenant, id, type, subject, body, nowIso, nowIso, ...targets.values, ...condition.values);
}

/** For the endpoints that want events of this type and are not disabled, and the job's own addresses. */
export const tellAll = (db: D1Database, event: OutboxEvent, condition: Condition, nowIso: string) =>
  insertDeliveries(
    db,
    event,
    { sql: `${ENDPOINTS} UNION ALL ${ADDRESSES}`, values: [event.tenant, event.type, event.jobId] },
    condition,
    nowIso,
  );

/** For the job's own addresses alone: those that were given when the event had been written already. */
export const tellAddresses = (db: D1Database, event: OutboxEvent, condition: Condition, nowIso: string) =>
  insertDeliveries(db, event, { sql: ADDRESSES, values: [event.jobId] }, condition, nowIso);

/** For one endpoint, whatever it asked for. */
export const tellEndpoint = (db: D1Database, event: OutboxEvent, endpointId: string, nowIso: string) =>
  insertDeliveries(
    db,
    event,
    { sql: ONE_ENDPOINT, values: [event.tenant, endpointId] },
    { sql: "true", values: [] },
    nowIso,
  );
