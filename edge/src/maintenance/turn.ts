// One turn of a maintenance job, as the work of each kind sees it.

import type { CreateJob, JobKind, JobProgress, JobResult } from "@twinframe/shared/contract";
import { Interrupted } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { type MaintenanceJobRow, saveJob } from "./store/maintenance-jobs.ts";

/** Its owner has asked for its end. */
export class JobCancelled extends Error {
  override readonly name = "JobCancelled";
}

export interface Turn<State = unknown> {
  readonly context: RequestContext;
  readonly job: MaintenanceJobRow;
  /** Fires when the turn is over; the next one goes on. */
  readonly signal: AbortSignal;
  /** What the latest turn has saved. */
  readonly saved: State | null;
  /** Throws `JobCancelled`, and `Interrupted` when the turn is over or somebody else's. */
  save(state: State, progress?: JobProgress): Promise<void>;
}

/** The end; or null: the next turn goes on, after so many seconds where they are given. */
export type Outcome = JobResult | { waitS: number };

export type RequestOf<Kind extends JobKind> = Extract<CreateJob, { kind: Kind }>;

/** Goes on from what is saved, whatever was killed in between, until the job's end or that of the turn. */
export type Work<Kind extends JobKind> = (turn: Turn<never>, request: RequestOf<Kind>) => Promise<Outcome>;

export function turnOf(context: RequestContext, job: MaintenanceJobRow, signal: AbortSignal): Turn {
  return {
    context,
    job,
    signal,
    saved: job.state === null ? null : JSON.parse(job.state),
    async save(state, progress) {
      const saved = await saveJob(
        context.bindings.DB,
        job,
        state,
        progress ?? null,
        new Date().toISOString(),
      );
      if (saved === null) throw new Interrupted();
      if (saved.cancelRequested) throw new JobCancelled();
      if (signal.aborted) throw new Interrupted();
    },
  };
}
