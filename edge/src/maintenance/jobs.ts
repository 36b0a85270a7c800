// Asks for maintenance jobs, shows them, and has them cancelled.

import { type CreateJob, type Job, jobSchema } from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { ProblemError } from "@twinframe/shared/problem";
import { auditDone } from "../auth/audit.ts";
import { addAudit } from "../auth/store/audit.ts";
import type { Caller } from "../platform/http/caller.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { requireConfirmation } from "./confirm.ts";
import { jobInTheWay, notBeside } from "./job-conflicts.ts";
import {
  findJob,
  insertJob,
  type MaintenanceJobRow,
  openJobOf,
  requestJobCancel,
} from "./store/maintenance-jobs.ts";
import { workMaintenance } from "./work.ts";

export function jobView(row: MaintenanceJobRow): Job {
  const parsed = (text: string | null) => (text === null ? null : JSON.parse(text));
  return jobSchema.parse({
    ...row,
    request: JSON.parse(row.request),
    progress: JSON.parse(row.progress),
    result: parsed(row.result),
    problem: parsed(row.problem),
    cancelling: row.cancel_requested_at !== null && row.completed_at === null,
  });
}

export async function readJob({ bindings }: RequestContext, id: string): Promise<MaintenanceJobRow> {
  const row = await findJob(bindings.DB, id);
  if (row !== null) return row;
  throw new ProblemError("job_not_found", `There is no job "${id}". GET /v1/admin/jobs lists them.`);
}

/** What must be said once more before it is done. */
function confirmed(asked: CreateJob): CreateJob {
  if (asked.kind === "restore") requireConfirmation(asked.confirm, asked.snapshot);
  if (asked.kind === "purge_tenant") requireConfirmation(asked.confirm, asked.tenant);
  return asked;
}

/** Writes the job down, then has it begun. Problem: `job_in_the_way`. */
export async function submitJob(
  context: RequestContext,
  by: Caller,
  asked: CreateJob,
): Promise<MaintenanceJobRow> {
  const { DB, JOBS } = context.bindings;
  const { kind } = confirmed(asked);
  const id = newId("mnt");
  const nowIso = new Date().toISOString();
  const row = {
    id,
    kind,
    request: JSON.stringify(asked),
    asked_by: by.keyId,
    tenant: asked.kind === "purge_tenant" ? asked.tenant : null,
    progress: JSON.stringify({ done: 0, total: null, stage: "queued" }),
  };
  if (!(await insertJob(DB, row, notBeside(kind), nowIso))) {
    const open = await openJobOf(DB, notBeside(kind));
    throw open === null
      ? new ProblemError("overloaded", "Another job has just ended. Send this again.")
      : jobInTheWay(open);
  }
  const { kind: _, ...subject } = asked;
  const entry = { keyId: by.keyId, keyTenant: by.tenant, action: `job.${kind}`, subject };
  await addAudit(DB, { ...entry, outcome: "asked", jobId: id }, nowIso).run();
  // A message lost here is made up for by the sweeper.
  await JOBS.send({ type: "maintenance", job_id: id, turn: 0 }).catch((error) =>
    logFailure("a job could not be begun; the sweeper takes it up", { job_id: id }, error),
  );
  return readJob(context, id);
}

/** Begins nothing further; what was done stays done. Problem: `job_finished`. */
export async function cancelJob(context: RequestContext, by: Caller, id: string): Promise<MaintenanceJobRow> {
  const { DB } = context.bindings;
  const before = await readJob(context, id);
  const job = await requestJobCancel(DB, id, new Date().toISOString());
  if (job === null) {
    if (before.status === "cancelled") return before;
    throw new ProblemError("job_finished", `The job is ${before.status}; there is nothing to cancel.`);
  }
  await auditDone(DB, { by, action: "job.cancel", subject: { job_id: id, kind: job.kind } });
  // A turn of its own: whoever is at work finds out when it next writes down how far it has come.
  await workMaintenance(context, id, job.turn);
  return readJob(context, id);
}
