// What a runner is told when somebody else has ended its check meanwhile: another runner, or a client.

import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import type { CheckJob } from "./check-job.ts";
import type { CompletedCheck } from "./completed-check.ts";
import { recallExplanation } from "./explanation.ts";
import { findCheck } from "./store/checks.ts";

export const checkCancelled = () =>
  new ProblemError("check_cancelled", "This check was cancelled while it ran. Send the video again.");

/** The result that holds; throws what the check failed with. Null when it has not ended. */
export async function endedOutcome(context: RequestContext, job: CheckJob): Promise<CompletedCheck | null> {
  const row = await findCheck(context.bindings.DB, job.id);
  if (row === null) {
    if (!job.isStored) return null;
    throw new ProblemError("check_not_found", "This check was deleted while it ran. Send the video again.");
  }
  if (row.status === "cancelled") throw checkCancelled();
  if (row.status === "failed" && row.problem !== null)
    throw ProblemError.fromProblem(JSON.parse(row.problem));
  if (row.status !== "completed" || row.result === null || row.completed_at === null) return null;
  const explanation = (await recallExplanation(context.bindings.OBJECTS, row)) ?? null;
  return { job, result: JSON.parse(row.result), completedAt: row.completed_at, explanation };
}
