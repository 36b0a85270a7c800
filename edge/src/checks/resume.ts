import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { Interrupted } from "../deadline.ts";
import { mayPass } from "../jobs/may-pass.ts";
import { logFailure } from "../observe/log-failure.ts";
import type { Services } from "../services.ts";
import { findCheck, isFinished, noteProblem } from "../stores/checks.ts";
import { jobOfRow } from "./check-job.ts";
import { failCheck } from "./fail.ts";
import { runCheck } from "./run.ts";

/** Goes on with a check from its row. Throws when it is to be tried again. */
export async function resumeCheck(services: Services, checkId: string, signal: AbortSignal): Promise<void> {
  const row = await findCheck(services.bindings.DB, checkId);
  if (row === null || isFinished(row)) return;
  const job = jobOfRow(row);
  try {
    await runCheck(services, job, { signal });
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (!(error instanceof ProblemError)) logFailure("check failed", { check_id: checkId }, error);
    const problem = toProblem(error);
    if (mayPass(problem.code)) {
      await noteProblem(services.bindings.DB, checkId, problem);
      throw error;
    }
    await failCheck(services, job, problem);
  }
}

/** Ends a check whose retries have run out, with the last problem it had. */
export async function giveUpCheck(services: Services, checkId: string): Promise<void> {
  const row = await findCheck(services.bindings.DB, checkId);
  if (row === null || isFinished(row)) return;
  const last = row.problem === null ? null : JSON.parse(row.problem);
  const problem = last ?? toProblem(new ProblemError("backend_unavailable", "Send the video again later."));
  await failCheck(services, jobOfRow(row), problem);
}
