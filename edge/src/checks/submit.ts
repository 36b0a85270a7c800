// A check asked for over HTTP: waits for the verdict as long as the client wants to, then hands it over to the
// queue. Whatever the client hears is written down before.

import type { CheckOptions } from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { backendUnavailable } from "../clients/analysis-events.ts";
import { Interrupted, signalAfter } from "../deadline.ts";
import { refuseAddress } from "../intake/refuse-address.ts";
import type { DeclaredContent, VideoOrigin } from "../intake/video-origin.ts";
import type { Services } from "../services.ts";
import { saveUnfinished } from "../stores/checks.ts";
import { checkAddress, noteAddress } from "../webhooks/addresses.ts";
import { checkByHash } from "./by-hash.ts";
import { type CheckJob, rowOfJob } from "./check-job.ts";
import type { CompletedCheck } from "./complete.ts";
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

async function handOver(services: Services, job: CheckJob): Promise<void> {
  const { DB, JOBS } = services.bindings;
  await saveUnfinished(DB, rowOfJob(job), new Date().toISOString()).run();
  await JOBS.send({ type: "check", check_id: job.id }).catch((error) => {
    throw backendUnavailable(error);
  });
}

export async function submitCheck(services: Services, submission: CheckSubmission): Promise<CheckOutcome> {
  const { tenant, origin, waitMs, requestId } = submission;
  const { webhook_url: webhookUrl, ...options } = submission.options;
  checkAddress(services, webhookUrl);
  if (origin.kind === "url") refuseAddress(origin.url, services.config);
  const createdAt = new Date().toISOString();
  const fresh = { id: newId("chk"), tenant, options, createdAt, received: null, policy: null };
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
        ...(origin.kind === "url" ? { intakeSignal: wait.signal } : {}),
      };
      return { kind: "completed", completed: await runCheck(services, job, signals) };
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      await handOver(services, job);
      return { kind: "accepted", job };
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) console.error("check failed", { request_id: requestId }, error);
    if (job.received !== null) {
      await failCheck(services, job, toProblem(error, requestId)).catch((failure) =>
        console.error("check could not be marked as failed; the sweeper takes it up", failure),
      );
    }
    throw error;
  } finally {
    wait.clear();
  }
}
