import type { Problem } from "@twinframe/shared/problem";
import { dropObject } from "../intake/drop-object.ts";
import { mayBeIndexed } from "../jobs/may-pass.ts";
import { addFacts } from "../observe/operation.ts";
import { queueForgetting } from "../references/forget.ts";
import type { Services } from "../services.ts";
import { failCheckRow } from "../stores/checks.ts";
import { releaseClaim } from "../stores/deleted-references.ts";
import { tellCheckFailed } from "../webhooks/outbox.ts";
import { startDeliveries } from "../webhooks/queue.ts";
import { type CheckJob, claimKey } from "./check-job.ts";
import { failedView } from "./view.ts";

/** Ends a check without a verdict: its claim is free again, its object goes. */
export async function failCheck(services: Services, job: CheckJob, problem: Problem): Promise<void> {
  addFacts({ check_id: job.id, failed_with: problem.code, bytes: job.received?.bytes });
  const db = services.bindings.DB;
  const nowIso = new Date().toISOString();
  const failed = failCheckRow(db, job.id, problem, nowIso);
  const key = claimKey(job);
  const keepTrace = mayBeIndexed(problem.code);
  const release =
    job.options.index === "never"
      ? []
      : releaseClaim(db, key, job.id, { keepTrace, alsoAcknowledged: true }, nowIso);
  const told = await tellCheckFailed(services, job.tenant, failedView(job, problem, nowIso), nowIso);
  const results = await db.batch([failed, told, ...release]);
  startDeliveries(services, results);
  dropObject(services, job.received?.objectKey);
  const released = release.length > 0 && results.at(-1)!.results.length > 0;
  if (released && keepTrace) await queueForgetting(services, key, job.id);
}
