// Works a maintenance job turn by turn. A turn is one message of the queue; it ends after some seconds and sends
// the next one. Each job ends once, and says how: in its row, and in the audit.

import type { CreateJob, JobKind } from "@twinframe/shared/contract";
import { isTransient, type Problem, toProblem } from "@twinframe/shared/problem";
import { Interrupted, signalAfter } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logEvent, logFailure } from "../platform/telemetry/log.ts";
import { compareGenerations, optimise, restore, snapshot, stopInBackend } from "./backend-work.ts";
import { purgeTenant } from "./purge-tenant.ts";
import { reEmbed } from "./re-embed.ts";
import { reconcile } from "./reconcile.ts";
import {
  endJob,
  type JobEnd,
  type MaintenanceJobRow,
  noteJobFailure,
  takeJobTurn,
} from "./store/maintenance-jobs.ts";
import { JobCancelled, type Outcome, type Turn, turnOf, type Work } from "./turn.ts";

/** Short, because a turn's batch holds up those behind it. */
const TURN_MS = 8_000;
const MAX_DELAY_S = 300;
/** In a row, with growing delays: about an hour and a half. */
const MAX_FAILURES = 25;

const WORK: { [Kind in JobKind]: Work<Kind> } = {
  optimise,
  snapshot,
  restore,
  compare: compareGenerations,
  re_embed: reEmbed,
  reconcile,
  purge_tenant: purgeTenant,
};

const now = () => new Date().toISOString();

export async function workMaintenance(context: RequestContext, id: string, number: number): Promise<void> {
  const { DB, JOBS } = context.bindings;
  const job = await takeJobTurn(DB, id, number, now());
  if (job === null) return;
  const end = signalAfter(TURN_MS);
  let delaySeconds = 0;
  try {
    if (job.cancel_requested_at !== null) throw new JobCancelled();
    const outcome = await workKind(turnOf(context, job, end.signal));
    if ("kind" in outcome) return void (await finish(context, job, { status: "completed", result: outcome }));
    delaySeconds = outcome.waitS;
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      const failures = await failuresWith(context, job, error);
      if (failures === null) return;
      delaySeconds = Math.min(MAX_DELAY_S, 2 ** failures);
    }
  } finally {
    end.clear();
  }
  await JOBS.send({ type: "maintenance", job_id: id, turn: number + 1 }, { delaySeconds });
}

function workKind(turn: Turn): Promise<Outcome> {
  const request = JSON.parse(turn.job.request) as CreateJob;
  const work = WORK[request.kind] as (turn: Turn, request: CreateJob) => Promise<Outcome>;
  return work(turn, request);
}

async function finish({ bindings }: RequestContext, job: MaintenanceJobRow, end: JobEnd): Promise<void> {
  const ended = await endJob(bindings.DB, job, end, now());
  if (ended) logEvent({ op: "maintenance", job_id: job.id, kind: job.kind, status: end.status });
}

/** What the backend's silence means for a check is not what it means here. */
function problemFor(error: unknown): Problem {
  const problem = toProblem(error);
  if (problem.code !== "backend_unavailable") return problem;
  return { ...problem, detail: "The backend did not answer. The job goes on by itself when it does." };
}

/** How many there have been since the job last got on; null when it has ended with this one. */
async function failuresWith(
  context: RequestContext,
  job: MaintenanceJobRow,
  error: unknown,
): Promise<number | null> {
  if (error instanceof JobCancelled) {
    await stopInBackend(context, job);
    await finish(context, job, { status: "cancelled" });
    return null;
  }
  const problem = problemFor(error);
  if (problem.code === "internal_error") {
    logFailure("a turn of a maintenance job failed", { job_id: job.id, kind: job.kind }, error);
  }
  const failures = isTransient(problem.code)
    ? await noteJobFailure(context.bindings.DB, job, problem, now())
    : MAX_FAILURES;
  if (failures < MAX_FAILURES) return failures;
  await finish(context, job, { status: "failed", problem: lastProblem(problem) });
  return null;
}

const lastProblem = (problem: Problem): Problem =>
  problem.code === "backend_unavailable"
    ? {
        ...problem,
        detail: "The backend did not answer for more than an hour. Ask for the job again when it does.",
      }
    : problem;
