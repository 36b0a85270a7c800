// A check asked for over HTTP: waits for the verdict as long as the client wants to, then hands it over to the
// queue. Whatever the client hears is written down before.

import type { CheckOptions } from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { backendUnavailable } from "../backend-client/backend-unavailable.ts";
import { refuseAddress } from "../ingest/refuse-address.ts";
import type { DeclaredContent, VideoOrigin } from "../ingest/video-origin.ts";
import { Interrupted, signalAfter } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { addFacts, currentTraceparent } from "../platform/telemetry/operation.ts";
import { checkAddress, noteAddress } from "../webhooks/index.ts";
import { checkByHash } from "./by-hash.ts";
import { type CheckJob, rowOfJob } from "./check-job.ts";
import type { CompletedCheck } from "./complete.ts";
import { checkCancelled, endedOutcome } from "./ended.ts";
import { failCheck } from "./fail.ts";
import { refuseTooManyChecks } from "./open-checks.ts";
import { runCheck } from "./run.ts";
import { findCheck, saveUnfinished } from "./store/checks.ts";

export interface CheckSubmission {
  tenant: string;
  options: CheckOptions;
  origin: VideoOrigin | DeclaredContent;
  waitMs: number;
  requestId: string;
}

export type CheckOutcome =
  | { kind: "completed"; completed: CompletedCheck }
  | { kind: "accepted"; job: CheckJob };

/** Null, or what the check has come to meanwhile. */
async function handOver(context: RequestContext, job: CheckJob): Promise<CompletedCheck | null> {
  const { DB, JOBS } = context.bindings;
  const { meta } = await saveUnfinished(DB, rowOfJob(job), new Date().toISOString()).run();
  if (meta.changes === 0) return endedOutcome(context, job);
  job.isStored = true;
  await JOBS.send({
    type: "check",
    check_id: job.id,
    tenant: job.tenant,
    traceparent: currentTraceparent(),
  }).catch((error) => {
    throw backendUnavailable(error);
  });
  return null;
}

async function refuseCancelled({ bindings }: RequestContext, { id }: CheckJob): Promise<void> {
  const row = await findCheck(bindings.DB, id).catch(() => null);
  if (row?.status === "cancelled") throw checkCancelled();
}

export async function submitCheck(
  context: RequestContext,
  submission: CheckSubmission,
): Promise<CheckOutcome> {
  const { tenant, origin, waitMs, requestId } = submission;
  const { webhook_url: webhookUrl, ...options } = submission.options;
  checkAddress(context, webhookUrl);
  if (origin.kind === "url") refuseAddress(origin.url, context.config, tenant);
  if (origin.kind !== "declared") await refuseTooManyChecks(context, tenant);
  const createdAt = new Date().toISOString();
  const fresh = {
    id: newId("chk"),
    tenant,
    options,
    createdAt,
    received: null,
    policy: null,
    isStored: false,
  };
  addFacts({ check_id: fresh.id });
  await noteAddress(context, tenant, fresh.id, webhookUrl);
  if (origin.kind === "declared") {
    const completed = await checkByHash(context, { ...fresh, origin: null }, origin.sha256);
    return { kind: "completed", completed };
  }
  const job: CheckJob = { ...fresh, origin };
  const wait = signalAfter(waitMs);
  try {
    try {
      const signals = {
        signal: wait.signal,
        interactive: true,
        ...(origin.kind === "url" ? { intakeSignal: wait.signal } : {}),
      };
      return { kind: "completed", completed: await runCheck(context, job, signals) };
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      const completed = await handOver(context, job);
      return completed === null ? { kind: "accepted", job } : { kind: "completed", completed };
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) logFailure("check failed", { request_id: requestId }, error);
    if (job.received !== null) {
      await failCheck(context, job, toProblem(error, requestId)).catch((failure) =>
        logFailure(
          "check could not be marked as failed; the sweeper takes it up",
          { check_id: job.id },
          failure,
        ),
      );
    }
    // Cancelled by another client: that, and not what the stopped analysis says, is what became of it.
    if (job.isStored) await refuseCancelled(context, job);
    throw error;
  } finally {
    wait.clear();
  }
}
