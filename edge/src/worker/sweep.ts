// Takes up what nobody works on any more: after a crash between a row and its message, a lost message, a client
// that went away. Whatever is still alive is not harmed, because every job may run twice.

import { CRASHES_KEPT_MS } from "../backend-client/crash-count.ts";
import { forgetCrashesBefore } from "../backend-client/store/analysis-crashes.ts";
import { isCheckOpen, sweepChecks } from "../checks/index.ts";
import { forgetAnswersBefore } from "../idempotency/store/idempotency.ts";
import { sweepImports } from "../imports/index.ts";
import { sweepJobs, sweepObjects } from "../maintenance/index.ts";
import { sweepTimes } from "../platform/queue/sweep-times.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { runOperation } from "../platform/telemetry/run-operation.ts";
import { sweepReferences } from "../references/index.ts";
import { sweepUploads } from "../uploads/index.ts";
import { resealWebhooks, sweepWebhooks } from "../webhooks/index.ts";

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
  const { DB } = context.bindings;
  const times = sweepTimes(dueMs, Date.now());
  const { nowMs, nowIso } = times;
  const checks = await sweepChecks(context, times);
  const references = await sweepReferences(context, times, (id) => isCheckOpen(context, id));
  const webhooks = await sweepWebhooks(context, dueMs, nowMs);
  const sealed = await resealWebhooks(context);
  const imports = await sweepImports(context, times);
  const jobs = await sweepJobs(context, times);
  await forgetAnswersBefore(DB, nowIso);
  await forgetCrashesBefore(DB, new Date(nowMs - CRASHES_KEPT_MS).toISOString());
  const objects = await sweepObjects(context, nowMs);
  const uploads = await sweepUploads(context, nowMs);
  return { ...checks, ...references, webhooks, ...sealed, imports, jobs, objects, uploads };
}
