import type { Problem } from "@twinframe/shared/problem";
import { dropObject } from "../ingest/drop-object.ts";
import { mayBeIndexed } from "../platform/queue/retryable.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { addFacts } from "../platform/telemetry/operation.ts";
import { queueForgetting, releaseClaim } from "../references/index.ts";
import { startDeliveries, tellCheckFailed } from "../webhooks/index.ts";
import { type CheckJob, claimKey } from "./check-job.ts";
import { failCheckRow } from "./store/checks.ts";
import { failedView } from "./view.ts";

/** Ends a check without a verdict: its claim is free again, its object goes. */
export async function failCheck(context: RequestContext, job: CheckJob, problem: Problem): Promise<void> {
  addFacts({ check_id: job.id, failed_with: problem.code, bytes: job.received?.bytes });
  const db = context.bindings.DB;
  const nowIso = new Date().toISOString();
  const failed = failCheckRow(db, job.id, problem, nowIso);
  const key = claimKey(job);
  const keepTrace = mayBeIndexed(problem.code);
  const release =
    job.options.index === "never"
      ? []
      : releaseClaim(db, key, job.id, { keepTrace, alsoAcknowledged: true }, nowIso);
  const event = await tellCheckFailed(context, job.tenant, failedView(job, problem, nowIso), nowIso);
  const results = await db.batch([failed, event, ...release]);
  startDeliveries(context, results);
  dropObject(context, job.received?.objectKey);
  const released = release.length > 0 && results.at(-1)!.results.length > 0;
  if (released && keepTrace) await queueForgetting(context, key, job.id);
}
