// A check from its video to its verdict. Each step takes the job as the one before has left it, and may be done again
// by another runner of the same check.

import { analyse } from "../backend-client/analyse.ts";
import { noteClaimed } from "../backend-client/store/index-expectation.ts";
import { dropObject } from "../ingest/drop-object.ts";
import { objectSource } from "../ingest/object-source.ts";
import { receiveWhile } from "../ingest/receive.ts";
import { Interrupted } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { inSpan } from "../platform/telemetry/operation.ts";
import { tellIndex } from "../references/index.ts";
import { analysisRequest } from "./analysis-request.ts";
import { analysisOf, type CheckJob, checkObjectKey, type JudgedJob, type ReceivedJob } from "./check-job.ts";
import { type Claim, claimForIndexing } from "./claim.ts";
import { completeAnalysed, completeKnown } from "./complete.ts";
import type { CompletedCheck } from "./completed-check.ts";
import { endedOutcome } from "./ended.ts";
import { type LookUp, lookUp } from "./exact-match/look-up.ts";
import { writeRow } from "./write-row.ts";

export interface RunSignals {
  /** Ends the waiting for others; the check then goes on elsewhere. */
  signal: AbortSignal;
  /** The same for the intake, where that can be begun again. */
  intakeSignal?: AbortSignal;
  /** Hears that its analysis was begun, and not found under way. */
  onStarted?: (() => void) | undefined;
  /** A client waits for the verdict. */
  interactive?: boolean;
}

export type FailedRun = { kind: "failed"; job: CheckJob; error: unknown };

/** What a run has come to, with the job as its last step has left it. */
export type RunEnd =
  | { kind: "completed"; completed: CompletedCheck }
  | { kind: "interrupted"; job: CheckJob }
  | FailedRun;

export async function runCheck(context: RequestContext, job: CheckJob, signals: RunSignals): Promise<RunEnd> {
  const completed = (end: CompletedCheck): RunEnd => ({ kind: "completed", completed: end });
  let reached = job;
  try {
    const { received, looking } = await receive(context, job, signals.intakeSignal);
    reached = received;
    const look = await looking;
    if (look.known !== null)
      return completed(await completeKnown(context, received, look.known, look.policy));

    // An analysis that is taken up again must be the request that it was, whatever has become of the policy.
    const judged: JudgedJob = { ...received, policy: job.policy ?? look.policy };
    const row = await writeRow(context, judged);
    if (row === null) return completed(await endedElsewhere(context, judged));
    reached = { ...judged, isStored: row.isStored };
    if (signals.signal.aborted) {
      await row.written;
      reached = { ...judged, isStored: true };
      throw new Interrupted();
    }
    const stored: JudgedJob = { ...judged, isStored: true };
    const claimed = await claim(context, stored, look, signals.signal);
    if (claimed.kind === "ended") return completed(claimed.completed);

    const analysing = analyseClaimed(context, stored, claimed, signals);
    analysing.catch(() => {});
    // Before anything is made of the analysis, its failure too.
    await row.written;
    reached = stored;
    const analysis = await analysing;
    return completed(await completeAnalysed(context, stored, { ...claimed, analysis }));
  } catch (error) {
    if (error instanceof Interrupted) return { kind: "interrupted", job: reached };
    return { kind: "failed", job: reached, error };
  }
}

const lookContentUp = (
  context: RequestContext,
  { tenant, options }: CheckJob,
  sha256: string,
): Promise<LookUp> =>
  inSpan("look-up", {}, () =>
    // What is remembered of earlier analyses does not say why.
    lookUp(context, { tenant, library: options.library, sha256 }, { analysis: options.explain }),
  );

/** The video in the object store, and its content looked up as soon as its hash is known. */
async function receive(
  context: RequestContext,
  job: CheckJob,
  signal: AbortSignal | undefined,
): Promise<{ received: ReceivedJob; looking: Promise<LookUp> }> {
  const { tenant, origin, received } = job;
  if (received !== null)
    return { received: { ...job, received }, looking: lookContentUp(context, job, received.sha256) };
  if (origin === null) throw new Error(`check ${job.id} has neither a source nor a video`);
  const intake = { tenant, origin, objectKey: checkObjectKey(job), signal };
  const { video, meanwhile } = await receiveWhile(context, intake, (sha256) =>
    lookContentUp(context, job, sha256),
  );
  return { received: { ...job, received: video }, looking: meanwhile };
}

async function endedElsewhere(context: RequestContext, job: ReceivedJob): Promise<CompletedCheck> {
  dropObject(context, job.received.objectKey);
  const ended = await endedOutcome(context, job);
  if (ended === null) throw new Error(`check ${job.id} could not be written`);
  return ended;
}

type Claimed =
  | { kind: "claimed"; claim: Exclude<Claim, { kind: "look_again" }>; look: LookUp }
  | { kind: "ended"; completed: CompletedCheck };

/** Holds the check's id and content, or finds what the content is meanwhile: another job may hold it as well. */
async function claim(
  context: RequestContext,
  job: JudgedJob,
  first: LookUp,
  signal: AbortSignal,
): Promise<Claimed> {
  const { sha256 } = job.received;
  let latest = first;
  for (;;) {
    const outcome = await claimForIndexing(context, job, sha256, signal);
    if (outcome.kind !== "look_again") return { kind: "claimed", claim: outcome, look: latest };
    const ended = await endedOutcome(context, job);
    if (ended !== null) return { kind: "ended", completed: ended };
    latest = await lookContentUp(context, job, sha256);
    const { known, policy } = latest;
    if (known !== null) return { kind: "ended", completed: await completeKnown(context, job, known, policy) };
    if (signal.aborted) throw new Interrupted();
  }
}

async function analyseClaimed(
  context: RequestContext,
  job: JudgedJob,
  { claim: held, look: { expects, crashes } }: Extract<Claimed, { kind: "claimed" }>,
  { signal, onStarted, interactive = false }: RunSignals,
) {
  const { config, bindings } = context;
  const { tenant, options, received } = job;
  if (expects.untold) await tellIndex(context, tenant, options.library);
  const source = await objectSource(config, tenant, received.objectKey);
  const request = analysisRequest(job, { claim: held, source, expects, interactive });
  const analysis = await analyse(context, analysisOf(job), request, { signal, crashes, onStarted });
  if (expects.unclaimed) context.defer(noteClaimed(bindings.DB, new Date().toISOString()).run());
  return analysis;
}
