// Gives references back the entries that the index lacks of them, or has of others.

import { isTransient, type ProblemCode, ProblemError, toProblem } from "@twinframe/shared/problem";
import { forgetReference } from "../backend-client/entries.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { queueForgetting } from "../references/index.ts";
import { embedAll } from "./embed-into.ts";
import { noteWrittenAnew } from "./entry-availability.ts";
import { failReady } from "./store/reference-repair.ts";
import type { WalkedReference } from "./store/reference-walk.ts";
import type { Turn } from "./turn.ts";

export interface Broken {
  generation: string;
  isLive: boolean;
  rows: readonly WalkedReference[];
  /** Whose entry stands there instead; null: none. */
  jobs: ReadonlyMap<WalkedReference, string | null>;
}

/** A reference that cannot be indexed again is none any more, and says why. */
async function fail(context: RequestContext, row: WalkedReference, code: ProblemCode): Promise<boolean> {
  const problem = new ProblemError(
    code,
    "The index lost this reference, and its video could not be read again. Add the video once more.",
  );
  const nowIso = new Date().toISOString();
  if (!(await failReady(context.bindings.DB, row, row.job_id, toProblem(problem), nowIso))) return false;
  await queueForgetting(context, row, row.job_id);
  return true;
}

/** How many are failed now, and how many absent ones are left for later because their source is down. */
export async function repairRows(
  { context, job, signal }: Turn,
  { generation, isLive, rows, jobs }: Broken,
): Promise<{ failed: number; left: number }> {
  // First: while another job's entry answers for this id, it counts as the newer one.
  for (const row of rows) {
    const other = jobs.get(row);
    if (other) await forgetReference(context, row, other);
  }
  const into = isLive ? null : generation;
  const cannot = await embedAll(context, rows, {
    generation: into,
    name: `${job.id}_${generation}`,
    signal,
  });
  await noteWrittenAnew(context, rows);
  let failed = 0;
  let left = 0;
  for (const one of cannot) {
    if (!isLive) continue;
    if (one.code !== "live_lacks_it" && !isTransient(one.code))
      failed += (await fail(context, one.row, one.code)) ? 1 : 0;
    else if (jobs.get(one.row) === null) left++;
  }
  return { failed, left };
}
