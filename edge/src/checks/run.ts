// A check from its video to its verdict. Every step may be done again by another runner of the same check.

import { analyse } from "../backend-client/analyse.ts";
import { expectationView, noteClaimed } from "../backend-client/store/index-expectation.ts";
import { dropObject } from "../ingest/drop-object.ts";
import { objectSource } from "../ingest/object-source.ts";
import { receiveVideo } from "../ingest/receive.ts";
import { Interrupted } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { inSpan } from "../platform/telemetry/operation.ts";
import { tellIndex } from "../references/index.ts";
import { analysisOf, type CheckJob, checkObjectKey, rowOfJob } from "./check-job.ts";
import { claimForIndexing } from "./claim.ts";
import { type CompletedCheck, completeAnalysed, completeKnown } from "./complete.ts";
import { endedOutcome } from "./ended.ts";
import { type LookUp, lookUp } from "./exact-match/look-up.ts";
import { saveUnfinished } from "./store/checks.ts";

export interface RunSignals {
  /** Ends the waiting for others with `Interrupted`; the check then goes on elsewhere. */
  signal: AbortSignal;
  /** The same for the intake, where that can be begun again. */
  intakeSignal?: AbortSignal;
  /** Hears that its analysis was begun, and not found under way. */
  onStarted?: (() => void) | undefined;
  /** A client waits for the verdict. */
  interactive?: boolean;
}

/** Looks the content up; the first time as soon as its hash is known, before its object is confirmed. */
function looksOf(context: RequestContext, { tenant, options }: CheckJob) {
  // What is remembered of earlier analyses does not say why.
  const needs = { analysis: options.explain };
  const look = (sha256: string) =>
    inSpan("look-up", {}, () => lookUp(context, { tenant, library: options.library, sha256 }, needs));
  const begun: Promise<LookUp>[] = [];
  return {
    ahead: (sha256: string) => {
      const first = look(sha256);
      first.catch(() => {});
      begun.push(first);
    },
    next: (sha256: string) => begun.shift() ?? look(sha256),
  };
}

async function endedElsewhere(context: RequestContext, job: CheckJob): Promise<CompletedCheck> {
  dropObject(context, job.received?.objectKey);
  const ended = await endedOutcome(context, job);
  if (ended === null) throw new Error(`check ${job.id} could not be written`);
  return ended;
}

export async function runCheck(
  context: RequestContext,
  job: CheckJob,
  { signal, intakeSignal, onStarted, interactive = false }: RunSignals,
): Promise<CompletedCheck> {
  const { config, bindings } = context;
  const { tenant, options } = job;
  const looks = looksOf(context, job);
  if (job.received === null) {
    if (job.origin === null) throw new Error(`check ${job.id} has neither a source nor a video`);
    job.received = await receiveVideo(
      context,
      job.tenant,
      job.origin,
      checkObjectKey(job),
      intakeSignal,
      looks.ahead,
    );
  }
  const { sha256, objectKey } = job.received;
  let written = false;
  for (;;) {
    const { known, epoch, policy, expects, crashes } = await looks.next(sha256);
    if (known !== null) return completeKnown(context, job, known, policy);
    // An analysis that is taken up again must be the request that it was, whatever has become of the policy.
    job.policy ??= policy;
    let saving: Promise<void> | null = null;
    if (!written) {
      const saved = saveUnfinished(bindings.DB, rowOfJob(job), new Date().toISOString()).run();
      // Nobody else knows a check without a row, and what indexes nothing needs none to begin.
      const isOurs = !job.isStored && options.index === "never";
      if (!isOurs && (await saved).meta.changes === 0) return endedElsewhere(context, job);
      saving = saved.then(() => {
        job.isStored = true;
      });
      saving.catch(() => {});
      if (!isOurs) await saving;
      written = true;
    }
    if (signal.aborted) {
      await saving;
      throw new Interrupted();
    }
    const claim = await claimForIndexing(context, job, sha256, signal);
    if (claim.kind === "look_again") {
      const ended = await endedOutcome(context, job);
      if (ended !== null) return ended;
      continue;
    }
    if (expects.untold) await tellIndex(context, tenant, options.library);
    const request = {
      tenant,
      library: options.library,
      sha256,
      source: await objectSource(config, job.tenant, objectKey),
      task: {
        kind: "check" as const,
        index_as: claim.kind === "held" ? claim.referenceId : null,
        ...(options.explain ? { explain: true as const } : {}),
      },
      ...(job.policy.version === 0 ? {} : { policy: { visual: job.policy.visual } }),
      index: expectationView(expects),
      ...(interactive ? { interactive: true as const } : {}),
    };
    const counted = { signal, crashes, onStarted };
    const analysing = analyse(context, analysisOf(job), request, counted);
    analysing.catch(() => {});
    // Before anything is made of the analysis, its failure too.
    await saving;
    const analysis = await analysing;
    if (expects.unclaimed) context.defer(noteClaimed(bindings.DB, new Date().toISOString()).run());
    const isCurrent = JSON.stringify(job.policy) === JSON.stringify(policy);
    return completeAnalysed(context, job, analysis, claim, job.policy, isCurrent ? epoch : null);
  }
}
