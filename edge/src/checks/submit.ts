// A check asked for over HTTP: waits for the verdict as long as the client wants to, then hands it over to the
// queue. Whatever the client hears is written down before.

import type { CheckOptions } from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { backendUnavailable } from "../clients/analysis-events.ts";
import { Interrupted, signalAfter } from "../deadline.ts";
import { refuseAddress } from "../intake/refuse-address.ts";
import type { DeclaredContent, VideoOrigin } from "../intake/video-origin.ts";
import { logFailure } from "../observe/log.ts";
import { addFacts, currentTraceparent } from "../observe/operation.ts";
import { refuseTooManyChecks } from "../quota/open-work.ts";
import type { Services } from "../services.ts";
import { findCheck, saveUnfinished } from "../stores/checks.ts";
import { checkAddress, noteAddress } from "../webhooks/addresses.ts";
import { checkByHash } from "./by-hash.ts";
import { type CheckJob, rowOfJob } from "./check-job.ts";
import type { CompletedCheck } from "./complete.ts";
import { checkCancelled, endedOutcome } from "./ended.ts";
import { failCheck } from "./fail.ts";
import { runCheck } from "./run.ts";

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
async function handOver(services: Services, job: CheckJob): Promise<CompletedCheck | null> {
  const { DB, JOBS } = services.bindings;
  const { meta } = await saveUnfinished(DB, rowOfJob(job), new Date().toISOString()).run();
  if (meta.changes === 0) return endedOutcome(services, job);
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

async function refuseCancelled({ bindings }: Services, { id }: CheckJob): Promise<void> {
  const row = await findCheck(bindings.DB, id).catch(() => null);
  if (row?.status === "cancelled") throw checkCancelled();
}

export async function submitCheck(services: Services, submission: CheckSubmission): Promise<CheckOutcome> {
  const { tenant, origin, waitMs, requestId } = submission;
  const { webhook_url: webhookUrl, ...options } = submission.options;
  checkAddress(services, webhookUrl);
  if (origin.kind === "url") refuseAddress(origin.url, services.config, tenant);
  if (origin.kind !== "declared") await refuseTooManyChecks(services, tenant);
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
  await noteAddress(services, tenant, fresh.id, webhookUrl);
  if (origin.kind === "declared") {
    const completed = await checkByHash(services, { ...fresh, origin: null }, origin.sha256);
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
      return { kind: "completed", completed: await runCheck(services, job, signals) };
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      const completed = await handOver(services, job);
      return completed === null ? { kind: "accepted", job } : { kind: "completed", completed };
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) logFailure("check failed", { request_id: requestId }, error);
    if (job.received !== null) {
      await failCheck(services, job, toProblem(error, requestId)).catch((failure) =>
        logFailure(
          "check could not be marked as failed; the sweeper takes it up",
          { check_id: job.id },
          failure,
        ),
      );
    }
    // Cancelled by another client: that, and not what the stopped analysis says, is what became of it.
    if (job.isStored) await refuseCancelled(services, job);
    throw error;
  } finally {
    wait.clear();
  }
}
