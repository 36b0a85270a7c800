import { type Problem, ProblemError, toProblem } from "@twinframe/shared/problem";
import { Interrupted } from "../platform/deadline.ts";
import { dueAfter, isEarly } from "../platform/queue/due.ts";
import { isRetryable } from "../platform/queue/retryable.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { addFacts, currentTraceparent } from "../platform/telemetry/operation.ts";
import { jobOfRow } from "./check-job.ts";
import { failCheck } from "./fail.ts";
import { type FailedRun, type RunSignals, runCheck } from "./run.ts";
import type { CheckRow } from "./store/check-row.ts";
import { findCheck, isFinished, postponeCheck } from "./store/checks.ts";

/** Goes on with a check from its row. What may pass makes it due again, until its time runs out. */
export async function resumeCheck(
  context: RequestContext,
  checkId: string,
  signals: RunSignals,
): Promise<void> {
  const row = await findCheck(context.bindings.DB, checkId);
  if (row === null || isFinished(row) || isEarly(row)) return;
  const end = await runCheck(context, jobOfRow(row), signals);
  if (end.kind === "interrupted") throw new Interrupted();
  if (end.kind === "failed") await failOrPostpone(context, row, end);
}

async function failOrPostpone(
  context: RequestContext,
  row: CheckRow,
  { job, error }: FailedRun,
): Promise<void> {
  if (!(error instanceof ProblemError)) logFailure("check failed", { check_id: row.id }, error);
  const problem = toProblem(error);
  const ageMs = Date.now() - Date.parse(row.created_at);
  const isOver = ageMs > context.config.checkGiveUpHours * 3600_000;
  if (isRetryable(problem.code) && !isOver) await postpone(context, row, problem);
  else await failCheck(context, job, problem);
}

async function postpone(
  { bindings }: RequestContext,
  { id, tenant, failures }: CheckRow,
  problem: Problem,
): Promise<void> {
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
