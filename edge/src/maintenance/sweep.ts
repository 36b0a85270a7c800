import { forgetAuditBefore } from "../auth/store/audit.ts";
import type { SweepTimes } from "../platform/queue/sweep-times.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { forgetJobsBefore, touchStaleJobs } from "./store/maintenance-jobs.ts";

const DAY_MS = 24 * 3600_000;

/** Queues maintenance jobs that nobody works on any more, and forgets old ones with their audit; how many were queued. */
export async function sweepJobs(
  { bindings: { DB, JOBS }, config }: RequestContext,
  { nowMs, nowIso, stuckIso }: SweepTimes,
): Promise<number> {
  const stale = await touchStaleJobs(DB, stuckIso, nowIso);
  for (const { id, turn } of stale) await JOBS.send({ type: "maintenance", job_id: id, turn });
  const auditedIso = new Date(nowMs - config.auditDays * DAY_MS).toISOString();
  await forgetJobsBefore(DB, auditedIso);
  await forgetAuditBefore(DB, auditedIso);
  return stale.length;
}
