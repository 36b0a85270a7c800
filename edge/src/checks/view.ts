import type { Check, Explanation } from "@twinframe/shared/contract";
import type { Problem } from "@twinframe/shared/problem";
import type { CheckJob } from "./check-job.ts";
import type { CompletedCheck } from "./completed-check.ts";
import type { ListedCheckRow } from "./store/check-list.ts";
import type { StoredResult } from "./store/check-row.ts";

export const unfinishedView = ({ id, options, createdAt, received }: CheckJob): Check => ({
  id,
  status: received === null ? "queued" : "running",
  library: options.library,
  created_at: createdAt,
});

export const completedView = ({ job, result, completedAt, explanation }: CompletedCheck): Check => ({
  id: job.id,
  status: "completed",
  ...result,
  library: job.options.library,
  created_at: job.createdAt,
  completed_at: completedAt,
  ...(job.options.explain ? { explanation } : {}),
});

export const failedView = (job: CheckJob, problem: Problem, completedAt: string): Check => ({
  ...unfinishedView(job),
  status: "failed",
  completed_at: completedAt,
  problem,
});

/** `explanation`: undefined when it was not asked for. */
export function rowView(row: ListedCheckRow, explanation?: Explanation | null): Check {
  const { id, status, library, created_at, completed_at, decision } = row;
  const result = row.result === null ? {} : (JSON.parse(row.result) as StoredResult);
  return {
    id,
    status,
    ...result,
    library,
    created_at,
    ...(completed_at === null ? {} : { completed_at }),
    ...(explanation === undefined ? {} : { explanation }),
    ...(decision === null ? {} : { decision: JSON.parse(decision) }),
    ...(status === "failed" && row.problem !== null ? { problem: JSON.parse(row.problem) } : {}),
  };
}
