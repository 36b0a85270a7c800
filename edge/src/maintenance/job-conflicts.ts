// Which maintenance does not go beside which.

import type { JobKind } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { type MaintenanceJobRow, openJobOf } from "./store/maintenance-jobs.ts";

/** These only read what the others change, so they go beside one another; all others go alone. */
const READERS: readonly JobKind[] = ["snapshot", "compare"];
const WRITERS: readonly JobKind[] = ["optimise", "restore", "re_embed", "reconcile", "purge_tenant"];

/** Kinds of which none may be open when this one is asked for. */
export const notBeside = (kind: JobKind): readonly JobKind[] =>
  READERS.includes(kind) ? WRITERS : [...READERS, ...WRITERS];

export const jobInTheWay = ({ id, kind }: Pick<MaintenanceJobRow, "id" | "kind">) =>
  new ProblemError(
    "job_in_the_way",
    `The job ${id} (${kind}) is under way. Wait for its end, or cancel it: POST /v1/admin/jobs/${id}/cancel.`,
    { retryAfterS: 10 },
  );

/** Generations do not come into force, or go, under what fills them; nor does a snapshot that is restored. */
export async function refuseWhileFilling(db: D1Database): Promise<void> {
  const job = await openJobOf(db, ["restore", "re_embed", "reconcile"]);
  if (job !== null) throw jobInTheWay(job);
}
