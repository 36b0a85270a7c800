import { isTransient, ProblemError, toProblem } from "@twinframe/shared/problem";
import { Interrupted } from "../deadline.ts";
import type { ReferenceKey } from "../jobs/messages.ts";
import type { Services } from "../services.ts";
import { findReference } from "../stores/references.ts";
import type { ReferenceRow } from "../stores/rows.ts";
import { giveUpReference, indexReference } from "./index-reference.ts";

async function openClaim(services: Services, key: ReferenceKey, jobId: string): Promise<ReferenceRow | null> {
  const row = await findReference(services.bindings.DB, key);
  return row?.job_id === jobId && row.status === "indexing" ? row : null;
}

/** Goes on with a promised reference from its row. Throws when it is to be tried again. */
export async function resumeReference(
  services: Services,
  key: ReferenceKey,
  jobId: string,
  signal: AbortSignal,
): Promise<void> {
  const claim = await openClaim(services, key, jobId);
  if (claim === null || claim.object_key === null) return;
  try {
    await indexReference(services, claim, claim.object_key, signal);
  } catch (error) {
    if (error instanceof Interrupted || isTransient(toProblem(error).code)) throw error;
    await giveUpReference(services, claim, error);
  }
}

/** Ends a promised reference whose retries have run out. */
export async function giveUpPromised(services: Services, key: ReferenceKey, jobId: string): Promise<void> {
  const claim = await openClaim(services, key, jobId);
  if (claim === null) return;
  const problem = new ProblemError("backend_unavailable", "The video could not be indexed; add it again.");
  await giveUpReference(services, claim, problem, true);
}
