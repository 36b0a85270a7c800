import type { SweepTimes } from "../platform/queue/sweep-times.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { queueForgetting } from "./forget.ts";
import { noteDeleted, releaseClaim, touchStaleDeleted } from "./store/deleted-references.ts";
import { forgetFailuresBefore } from "./store/reference-failures.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { touchStaleClaims } from "./store/references.ts";

const FAILURE_LIFE_MS = 7 * 24 * 3600_000;

/** A check that goes on needs its claim. */
type IsCheckOpen = (checkId: string) => Promise<boolean>;

/** Queues references that nobody indexes, or forgets, any more. */
export async function sweepReferences(
  context: RequestContext,
  { nowMs, nowIso, stuckIso, overdueIso }: SweepTimes,
  isCheckOpen: IsCheckOpen,
): Promise<{ claims: number; deleted: number }> {
  const { DB } = context.bindings;
  const claims = await touchStaleClaims(DB, stuckIso, overdueIso, nowIso);
  for (const claim of claims) await takeUpClaim(context, claim, nowIso, isCheckOpen);
  const deleted = await touchStaleDeleted(DB, stuckIso, nowIso);
  for (const row of deleted) await queueForgetting(context, row, row.job_id);
  await forgetFailuresBefore(DB, new Date(nowMs - FAILURE_LIFE_MS).toISOString());
  return { claims: claims.length, deleted: deleted.length };
}

async function takeUpClaim(
  context: RequestContext,
  claim: ReferenceRow,
  nowIso: string,
  isCheckOpen: IsCheckOpen,
): Promise<void> {
  const { DB, JOBS } = context.bindings;
  const { tenant, library, id, job_id } = claim;
  if (!job_id.startsWith("chk_")) {
    await JOBS.send({ type: "reference", tenant, library, id, job_id });
    return;
  }
  if (await isCheckOpen(job_id)) return;
  await DB.batch(releaseClaim(DB, claim, job_id, { keepTrace: true, alsoAcknowledged: true }, nowIso));
  await noteDeleted(DB, claim, job_id, nowIso);
  await queueForgetting(context, claim, job_id);
}
