import type { ReferenceKey } from "@twinframe/shared/contract";
import { isTransient, toProblem } from "@twinframe/shared/problem";
import type { AnalyseOptions } from "../backend-client/analyse.ts";
import { Interrupted } from "../platform/deadline.ts";
import { dueAfter, isEarly } from "../platform/queue/due.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { addFacts, currentTraceparent } from "../platform/telemetry/operation.ts";
import { giveUpReference, indexReference } from "./index-reference.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { findReference, postponeClaim, takeClaim } from "./store/references.ts";

async function openClaim(
  context: RequestContext,
  key: ReferenceKey,
  jobId: string,
): Promise<ReferenceRow | null> {
  const row = await findReference(context.bindings.DB, key);
  return row?.job_id === jobId && row.status === "indexing" ? row : null;
}

/** Goes on with a promised reference from its row. What may pass makes it due again, however often. */
export async function resumeReference(
  context: RequestContext,
  key: ReferenceKey,
  jobId: string,
  signals: Pick<AnalyseOptions, "signal" | "onStarted">,
): Promise<void> {
  const claim = await openClaim(context, key, jobId);
  if (claim === null || claim.object_key === null || isEarly(claim)) return;
  await takeClaim(context.bindings.DB, claim, jobId, new Date().toISOString());
  try {
    await indexReference(context, claim, claim.object_key, signals);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (isTransient(toProblem(error).code)) await postpone(context, claim, error);
    else await giveUpReference(context, claim, error);
  }
}

async function postpone({ bindings }: RequestContext, claim: ReferenceRow, error: unknown): Promise<void> {
  const { tenant, library, id, job_id, failures } = claim;
  const { code } = toProblem(error);
  addFacts({ job_id, postponed_with: code });
  if (code === "internal_error") logFailure("a reference failed", { job_id }, error);
  const { dueIso, delaySeconds } = dueAfter(failures, code);
  if (!(await postponeClaim(bindings.DB, claim, job_id, dueIso, new Date().toISOString()))) return;
  const message = {
    type: "reference" as const,
    tenant,
    library,
    id,
    job_id,
    traceparent: currentTraceparent(),
  };
  // A message lost here is made up for by the sweeper.
  await bindings.JOBS.send(message, { delaySeconds }).catch((failure) =>
    logFailure("a reference could not be queued; the sweeper takes it up", { job_id }, failure),
  );
}
