// A check asked for over HTTP: waits for the verdict as long as the client wants to, then hands it over to the
// queue. Whatever the client hears is written down before.

import type { CheckOptions } from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { backendUnavailable } from "../backend-client/backend-unavailable.ts";
import { refuseAddress } from "../ingest/refuse-address.ts";
import type { DeclaredContent, VideoOrigin } from "../ingest/video-origin.ts";
import { signalAfter } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { addFacts, currentTraceparent } from "../platform/telemetry/operation.ts";
import { checkAddress, noteAddress } from "../webhooks/index.ts";
import { checkByHash } from "./by-hash.ts";
import { type CheckJob, rowOfJob } from "./check-job.ts";
import type { CompletedCheck } from "./completed-check.ts";
import { checkCancelled, endedOutcome } from "./ended.ts";
import { failCheck } from "./fail.ts";
import { refuseTooManyChecks } from "./open-checks.ts";
import { type FailedRun, runCheck } from "./run.ts";
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
  const wait = signalAfter(waitMs);
  const { signal } = wait;
  const signals = { signal, interactive: true, ...(origin.kind === "url" ? { intakeSignal: signal } : {}) };
  const end = await runCheck(context, { ...fresh, origin }, signals).finally(wait.clear);
  const outcome = end.kind === "interrupted" ? await handOver(context, end.job) : end;
  if (outcome.kind !== "failed") return outcome;
  await failSubmitted(context, outcome, requestId);
  throw outcome.error;
}

/** To the queue, which goes on with the check; or what it has come to meanwhile. */
async function handOver(context: RequestContext, job: CheckJob): Promise<CheckOutcome | FailedRun> {
  const { DB, JOBS } = context.bindings;
  const stored = { ...job, isStored: true };
  try {
    const { meta } = await saveUnfinished(DB, rowOfJob(job), new Date().toISOString()).run();
    if (meta.changes === 0) {
      const completed = await endedOutcome(context, job);
      return completed === null ? { kind: "accepted", job } : { kind: "completed", completed };
    }
  } catch (error) {
    return { kind: "failed", job, error };
  }
  try {
    const traceparent = currentTraceparent();
    await JOBS.send({ type: "check", check_id: job.id, tenant: job.tenant, traceparent });
    return { kind: "accepted", job: stored };
  } catch (error) {
    return { kind: "failed", job: stored, error: backendUnavailable(error) };
  }
}

/** Writes the failure down where there is something to write. Problem: `check_cancelled`. */
async function failSubmitted(
  context: RequestContext,
  { job, error }: FailedRun,
  requestId: string,
): Promise<void> {
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
}

async function refuseCancelled({ bindings }: RequestContext, { id }: CheckJob): Promise<void> {
  const row = await findCheck(bindings.DB, id).catch(() => null);
  if (row?.status === "cancelled") throw checkCancelled();
}
