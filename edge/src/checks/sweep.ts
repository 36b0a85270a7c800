import type { SweepTimes } from "../platform/queue/sweep-times.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { removeOldChecks } from "./remove.ts";
import { findCheck, isFinished, touchStaleChecks } from "./store/checks.ts";

const DAY_MS = 24 * 3600_000;

/** Queues checks that nobody works on any more, and deletes those whose retention is over. */
export async function sweepChecks(
  context: RequestContext,
  { nowMs, nowIso, stuckIso, overdueIso }: SweepTimes,
): Promise<{ checks: number; retired: number }> {
  const { DB, JOBS } = context.bindings;
  const stale = await touchStaleChecks(DB, stuckIso, overdueIso, nowIso);
  for (const { id, tenant } of stale) await JOBS.send({ type: "check", check_id: id, tenant });
  const retentionMs = context.config.checkRetentionDays * DAY_MS;
  const retired = await removeOldChecks(context, new Date(nowMs - retentionMs).toISOString());
  return { checks: stale.length, retired };
}

export async function isCheckOpen({ bindings }: RequestContext, id: string): Promise<boolean> {
  const row = await findCheck(bindings.DB, id);
  return row !== null && !isFinished(row);
}
