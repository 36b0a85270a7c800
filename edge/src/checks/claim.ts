// With `index: "if_unique"` a check claims its id and content before it starts, so that of two identical
// videos at once one joins the library and the other is found to be its copy.

import { pause } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { claimReference, findHolders } from "../references/index.ts";
import { type CheckJob, claimKey } from "./check-job.ts";

export type Claim =
  | { kind: "held"; referenceId: string; since: string }
  /** Nothing to index: not asked for, or the id names other content. */
  | { kind: "none"; idTaken: boolean }
  /** Another job holds this very content: look it up again. */
  | { kind: "look_again" };

const POLL_MS = 200;

export async function claimForIndexing(
  { bindings }: RequestContext,
  job: CheckJob,
  sha256: string,
  signal: AbortSignal,
): Promise<Claim> {
  if (job.options.index === "never") return { kind: "none", idTaken: false };
  const key = claimKey(job);
  const row = {
    ...key,
    sha256,
    job_id: job.id,
    object_key: null,
    source: JSON.stringify({ kind: "check", check_id: job.id }),
    metadata: JSON.stringify(job.options.metadata),
  };
  const nowIso = new Date().toISOString();
  if (await claimReference(bindings.DB, row, nowIso)) {
    return { kind: "held", referenceId: key.id, since: nowIso };
  }
  const { byId, byContent } = await findHolders(bindings.DB, key, sha256);
  if (byContent?.job_id === job.id) return { kind: "held", referenceId: key.id, since: byContent.created_at };
  // In no verdict, and yet the one reference that this content may have.
  if (byContent?.disabled_at) return { kind: "none", idTaken: false };
  if (byContent?.status === "indexing") await pause(POLL_MS, signal);
  if (byContent !== undefined || byId === undefined) return { kind: "look_again" };
  return { kind: "none", idTaken: true };
}
