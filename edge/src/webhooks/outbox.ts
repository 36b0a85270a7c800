// The statements that tell of what happens, for the batch in which it happens. `startDeliveries` takes the
// batch's results.

import type { Check, Reference, ReferenceKey } from "@twinframe/shared/contract";
import type { Problem } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { bodyOf, completedBody, eventIdOf } from "./events.ts";
import { forgetAddressesOf } from "./store/webhook-addresses.ts";
import { forgetEvents } from "./store/webhook-deliveries.ts";
import {
  checkEndedAt,
  type OutboxEvent,
  referenceClaimed,
  referenceReady,
  tellAddresses,
  tellAll,
} from "./store/webhook-outbox.ts";

/** To follow the statement that completed the check. */
export async function tellCheckCompleted(
  { bindings: { DB } }: RequestContext,
  tenant: string,
  check: Check,
  endedIso: string,
): Promise<D1PreparedStatement> {
  const type = "check.completed";
  const body = completedBody(endedIso, check);
  const event = { tenant, type, subject: check.id, jobId: check.id, body } as const;
  const id = await eventIdOf(type, check.id);
  return tellAll(DB, { id, ...event }, checkEndedAt(check.id, "completed", endedIso), endedIso);
}

/** To follow the statement that failed the check. */
export async function tellCheckFailed(
  { bindings: { DB } }: RequestContext,
  tenant: string,
  check: Check,
  endedIso: string,
): Promise<D1PreparedStatement> {
  const type = "check.failed";
  const body = bodyOf(type, endedIso, check);
  const event = { tenant, type, subject: check.id, jobId: check.id, body } as const;
  const id = await eventIdOf(type, check.id);
  return tellAll(DB, { id, ...event }, checkEndedAt(check.id, "failed", endedIso), endedIso);
}

/** For the batch in which a check is deleted: what was, or is still to be, told of it goes too. */
export async function forgetTold(
  { bindings: { DB } }: RequestContext,
  tenant: string,
  checkId: string,
): Promise<D1PreparedStatement[]> {
  const types = ["check.completed", "check.failed"] as const;
  const ids = await Promise.all(types.map((type) => eventIdOf(type, checkId)));
  return [forgetEvents(DB, tenant, ids), forgetAddressesOf(DB, checkId)];
}

async function indexed(tenant: string, jobId: string, reference: Reference, nowIso: string) {
  const type = "reference.indexed";
  const body = bodyOf(type, nowIso, reference);
  const id = await eventIdOf(type, jobId);
  return { id, tenant, type, subject: reference.id, jobId, body } satisfies OutboxEvent;
}

/** To follow the statement that made the reference ready. */
export async function tellReferenceIndexed(
  { bindings: { DB } }: RequestContext,
  tenant: string,
  jobId: string,
  reference: Reference,
  readyIso: string,
): Promise<D1PreparedStatement> {
  const { library, id } = reference;
  const condition = referenceReady({ tenant, library, id }, jobId, readyIso);
  return tellAll(DB, await indexed(tenant, jobId, reference, readyIso), condition, readyIso);
}

/** For addresses that were given for a reference which may have been ready already. */
export async function tellAddressesOfReady(
  { bindings: { DB } }: RequestContext,
  tenant: string,
  jobId: string,
  reference: Reference,
  nowIso: string,
): Promise<D1PreparedStatement> {
  const { library, id } = reference;
  const condition = referenceReady({ tenant, library, id }, jobId, null);
  return tellAddresses(DB, await indexed(tenant, jobId, reference, nowIso), condition, nowIso);
}

/** To go before the statement that gives the reference's claim up. */
export async function tellReferenceFailed(
  { bindings: { DB } }: RequestContext,
  key: ReferenceKey,
  jobId: string,
  problem: Problem,
  nowIso: string,
): Promise<D1PreparedStatement> {
  const type = "reference.failed";
  const { tenant, library, id } = key;
  const body = bodyOf(type, nowIso, { id, library, problem });
  const event = { id: await eventIdOf(type, jobId), tenant, type, subject: id, jobId, body } as const;
  return tellAll(DB, event, referenceClaimed(key, jobId), nowIso);
}
