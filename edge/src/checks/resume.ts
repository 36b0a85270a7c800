import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { Interrupted } from "../deadline.ts";
import { dueAfter, isEarly } from "../jobs/due.ts";
import { mayPass } from "../jobs/may-pass.ts";
import { logFailure } from "../observe/log.ts";
import { addFacts, currentTraceparent } from "../observe/operation.ts";
import type { Services } from "../services.ts";
import { findCheck, isFinished, postponeCheck } from "../stores/checks.ts";
import type { CheckRow } from "../stores/rows.ts";
import { jobOfRow } from "./check-job.ts";
import { failCheck } from "./fail.ts";
import { type RunSignals, runCheck } from "./run.ts";

/** Goes on with a check from its row. What may pass makes it due again, until its time runs out. */
export async function resumeCheck(services: Services, checkId: string, signals: RunSignals): Promise<void> {
  const row = await findCheck(services.bindings.DB, checkId);
  if (row === null || isFinished(row) || isEarly(row)) return;
  const job = jobOfRow(row);
  try {
    await runCheck(services, job, signals);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (!(error instanceof ProblemError)) logFailure("check failed", { check_id: checkId }, error);
    const problem = toProblem(error);
    const ageMs = Date.now() - Date.parse(row.created_at);
    const isOver = ageMs > services.config.checkGiveUpHours * 3600_000;
    if (mayPass(problem.code) && !isOver) await postpone(services, row, error);
    else await failCheck(services, job, problem);
  }
}

async function postpone(
  { bindings }: Services,
  { id, tenant, failures }: CheckRow,
  error: unknown,
): Promise<void> {
  const problem = toProblem(error);
  addFacts({ check_id: id, postponed_with: problem.code });
  const { dueIso, delaySeconds } = dueAfter(failures, problem.code);
  if (!(await postponeCheck(bindings.DB, id, problem, dueIso, new Date().toISOString()))) return;
  const traceparent = currentTraceparent();
  // A message lost here is made up for by the sweeper.
  const message = { type: "check" as const, check_id: id, tenant, traceparent };
  await bindings.JOBS.send(message, { delaySeconds }).catch((failure) =>
    logFailure("a check could not be queued; the sweeper takes it up", { check_id: id }, failure),
  );
}
