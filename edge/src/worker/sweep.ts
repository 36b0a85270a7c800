// Takes up what nobody works on any more: after a crash between a row and its message, a lost message, a client
// that went away. Whatever is still alive is not harmed, because every job may run twice.

import { forgetAuditBefore } from "../auth/store/audit.ts";
import { CRASHES_KEPT_MS } from "../backend-client/crash-count.ts";
import { forgetCrashesBefore } from "../backend-client/store/analysis-crashes.ts";
import { EXPLANATIONS_PREFIX } from "../checks/explanation.ts";
import { removeOldChecks } from "../checks/remove.ts";
import { findCheck, touchStaleChecks } from "../checks/store/checks.ts";
import { ANSWERS_PREFIX, KEPT_MS } from "../idempotency/answers.ts";
import { forgetAnswersBefore } from "../idempotency/store/idempotency.ts";
import { deleteOldImports, touchStaleImports } from "../imports/store/imports.ts";
import { forgetJobsBefore, touchStaleJobs } from "../maintenance/store/maintenance-jobs.ts";
import { ownedObjects } from "../maintenance/store/object-owners.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { runOperation } from "../platform/telemetry/run-operation.ts";
import { queueForgetting } from "../references/forget.ts";
import { noteDeleted, releaseClaim, touchStaleDeleted } from "../references/store/deleted-references.ts";
import { forgetFailuresBefore } from "../references/store/reference-failures.ts";
import type { ReferenceRow } from "../references/store/reference-row.ts";
import { touchStaleClaims } from "../references/store/references.ts";
import { sweepUploads } from "../uploads/remove.ts";
import { resealWebhooks } from "../webhooks/reseal.ts";
import { sweepWebhooks } from "../webhooks/sweep.ts";

const STUCK_MS = 15 * 60_000;
/** A message that is on its way comes first. */
const OVERDUE_MS = 60_000;
const DAY_MS = 24 * 3600_000;
const OBJECT_LIFE_MS = DAY_MS;
const EXPLANATION_LIFE_MS = 7 * DAY_MS;
const FAILURE_LIFE_MS = 7 * DAY_MS;
const IMPORT_LIFE_MS = 90 * DAY_MS;
/** Each with up to ten thousand lines. */
const MAX_OLD_IMPORTS = 5;
/** A sweep's bound; the next one goes on. */
const MAX_PAGES = 10;

/**
 * `dueMs` is the time that the sweep stands for. Where queues live in memory only, a start asks for one in the
 * near future, which takes up at once what the end before left.
 */
export async function sweep(context: RequestContext, dueMs: number): Promise<void> {
  const { config, defer } = context;
  const start = { name: "sweep", kind: "internal" as const, tracing: config.tracing, defer };
  await runOperation(
    start,
    () => sweepAll(context, dueMs),
    (counts, ms) => ({ failed: false, event: { ...counts, ms } }),
  );
}

async function sweepAll(context: RequestContext, dueMs: number): Promise<Record<string, number>> {
  const { DB, JOBS } = context.bindings;
  const now = Date.now();
  const nowIso = new Date(now).toISOString();
  const stuckIso = new Date(dueMs - STUCK_MS).toISOString();
  const overdueIso = new Date(dueMs - OVERDUE_MS).toISOString();

  const checks = await touchStaleChecks(DB, stuckIso, overdueIso, nowIso);
  for (const { id, tenant } of checks) await JOBS.send({ type: "check", check_id: id, tenant });
  const claims = await touchStaleClaims(DB, stuckIso, overdueIso, nowIso);
  for (const claim of claims) await takeUpClaim(context, claim, nowIso);
  const deleted = await touchStaleDeleted(DB, stuckIso, nowIso);
  for (const row of deleted) await queueForgetting(context, row, row.job_id);
  const webhooks = await sweepWebhooks(context, dueMs, now);
  const sealed = await resealWebhooks(context);
  const imports = await touchStaleImports(DB, stuckIso, nowIso);
  for (const { id, tenant, turn } of imports)
    await JOBS.send({ type: "import", import_id: id, tenant, turn });
  await deleteOldImports(DB, new Date(now - IMPORT_LIFE_MS).toISOString(), MAX_OLD_IMPORTS);
  const jobs = await touchStaleJobs(DB, stuckIso, nowIso);
  for (const { id, turn } of jobs) await JOBS.send({ type: "maintenance", job_id: id, turn });
  const auditedIso = new Date(now - context.config.auditDays * DAY_MS).toISOString();
  await forgetJobsBefore(DB, auditedIso);
  await forgetAuditBefore(DB, auditedIso);
  await forgetFailuresBefore(DB, new Date(now - FAILURE_LIFE_MS).toISOString());
  await forgetAnswersBefore(DB, nowIso);
  await forgetCrashesBefore(DB, new Date(now - CRASHES_KEPT_MS).toISOString());
  const objects =
    (await dropOldObjects(context, "intake/", now - OBJECT_LIFE_MS)) +
    (await dropOldObjects(context, EXPLANATIONS_PREFIX, now - EXPLANATION_LIFE_MS)) +
    (await dropOldObjects(context, ANSWERS_PREFIX, now - KEPT_MS));
  const uploads = await sweepUploads(context, now);
  const retentionMs = context.config.checkRetentionDays * DAY_MS;
  const retired = await removeOldChecks(context, new Date(now - retentionMs).toISOString());
  return {
    retired,
    imports: imports.length,
    jobs: jobs.length,
    checks: checks.length,
    claims: claims.length,
    deleted: deleted.length,
    webhooks,
    ...sealed,
    objects,
    uploads,
  };
}

async function takeUpClaim(context: RequestContext, claim: ReferenceRow, nowIso: string): Promise<void> {
  const { DB, JOBS } = context.bindings;
  const { tenant, library, id, job_id } = claim;
  if (!job_id.startsWith("chk_")) {
    await JOBS.send({ type: "reference", tenant, library, id, job_id });
    return;
  }
  const check = await findCheck(DB, job_id);
  if (check?.status === "queued" || check?.status === "running") return;
  await DB.batch(releaseClaim(DB, claim, job_id, { keepTrace: true, alsoAcknowledged: true }, nowIso));
  await noteDeleted(DB, claim, job_id, nowIso);
  await queueForgetting(context, claim, job_id);
}

/** Also what a job still needs is old at times: it stays while a row names it. */
async function dropOldObjects(
  { bindings }: RequestContext,
  prefix: string,
  beforeMs: number,
): Promise<number> {
  const { DB, OBJECTS } = bindings;
  let dropped = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await OBJECTS.list({ prefix, ...(cursor ? { cursor } : {}) });
    const isOld = (object: R2Object) => object.uploaded.getTime() < beforeMs;
    const old = listed.objects.filter(isOld).map(({ key }) => key);
    const owned = old.length === 0 ? new Set() : await ownedObjects(DB, old);
    const lost = old.filter((key) => !owned.has(key));
    if (lost.length > 0) await OBJECTS.delete(lost);
    dropped += lost.length;
    if (!listed.truncated) break;
    cursor = listed.cursor;
  }
  return dropped;
}
