import { isTransient, toProblem } from "@twinframe/shared/problem";
import { Interrupted } from "../deadline.ts";
import type { CountedOptions } from "../jobs/analyse-counted.ts";
import { dueAfter, isEarly } from "../jobs/due.ts";
import type { ReferenceKey } from "../jobs/messages.ts";
import { logFailure } from "../observe/log.ts";
import { addFacts, currentTraceparent } from "../observe/operation.ts";
import type { Services } from "../services.ts";
import { findReference, postponeClaim, takeClaim } from "../stores/references.ts";
import type { ReferenceRow } from "../stores/rows.ts";
import { giveUpReference, indexReference } from "./index-reference.ts";

async function openClaim(services: Services, key: ReferenceKey, jobId: string): Promise<ReferenceRow | null> {
  const row = await findReference(services.bindings.DB, key);
  return row?.job_id === jobId && row.status === "indexing" ? row : null;
}

/** Goes on with a promised reference from its row. What may pass makes it due again, however often. */
export async function resumeReference(
  services: Services,
  key: ReferenceKey,
  jobId: string,
  signals: Pick<CountedOptions, "signal" | "onStarted">,
): Promise<void> {
  const claim = await openClaim(services, key, jobId);
  if (claim === null || claim.object_key === null || isEarly(claim)) return;
  await takeClaim(services.bindings.DB, claim, jobId, new Date().toISOString());
  try {
    await indexReference(services, claim, claim.object_key, signals);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (isTransient(toProblem(error).code)) await postpone(services, claim, error);
    else await giveUpReference(services, claim, error);
  }
}

async function postpone({ bindings }: Services, claim: ReferenceRow, error: unknown): Promise<void> {
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
