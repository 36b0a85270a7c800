// Maintenance jobs: written down, worked turn by turn, ended once.

import type { JobFilter, JobKind, JobProgress, JobStatus } from "@twinframe/shared/contract";
import type { Problem } from "@twinframe/shared/problem";

export interface MaintenanceJobRow {
  id: string;
  kind: JobKind;
  request: string;
  tenant: string | null;
  status: JobStatus;
  turn: number;
  state: string | null;
  progress: string;
  failures: number;
  cancel_requested_at: string | null;
  result: string | null;
  problem: string | null;
  asked_by: string;
  created_at: string;
  started_at: string | null;
  updated_at: string;
  completed_at: string | null;
}

export type NewJob = Pick<MaintenanceJobRow, "id" | "kind" | "request" | "tenant" | "progress" | "asked_by">;

const jobConflicts = "completed_at IS NULL AND kind IN (SELECT value FROM json_each(?8))";

/** Writes a job down unless one of these kinds is open; false then. `also` happens with it, or does not. */
export async function insertJob(
  db: D1Database,
  job: NewJob,
  notBeside: readonly JobKind[],
  nowIso: string,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO maintenance_jobs (id, kind, request, tenant, progress, asked_by, status, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7, ?7
       WHERE NOT EXISTS (SELECT 1 FROM maintenance_jobs WHERE ${jobConflicts})`,
    )
    .bind(job.id, job.kind, job.request, job.tenant, job.progress, job.asked_by, nowIso, list(notBeside))
    .run();
  return meta.changes > 0;
}

const list = (kinds: readonly JobKind[]) => JSON.stringify(kinds);

/** The oldest open job of these kinds. */
export function openJobOf(db: D1Database, kinds: readonly JobKind[]): Promise<MaintenanceJobRow | null> {
  return db
    .prepare(
      `SELECT * FROM maintenance_jobs
       WHERE completed_at IS NULL AND kind IN (SELECT value FROM json_each(?)) ORDER BY created_at LIMIT 1`,
    )
    .bind(list(kinds))
    .first<MaintenanceJobRow>();
}

export function findJob(db: D1Database, id: string): Promise<MaintenanceJobRow | null> {
  return db.prepare("SELECT * FROM maintenance_jobs WHERE id = ?").bind(id).first<MaintenanceJobRow>();
}

/** Newest first, older than `after` (created_at and id). */
export async function listJobs(
  db: D1Database,
  { kind, status }: JobFilter,
  after: readonly string[] | null,
  limit: number,
): Promise<MaintenanceJobRow[]> {
  const { results } = await db
    .prepare(
      `SELECT * FROM maintenance_jobs
       WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR status = ?2)
         AND (?3 IS NULL OR (created_at, id) < (?3, ?4))
       ORDER BY created_at DESC, id DESC LIMIT ?5`,
    )
    .bind(kind ?? null, status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit)
    .all<MaintenanceJobRow>();
  return results;
}

/** Takes the turn that a message stands for; null when it was taken before, or the job has ended. */
export function takeJobTurn(
  db: D1Database,
  id: string,
  turn: number,
  nowIso: string,
): Promise<MaintenanceJobRow | null> {
  return db
    .prepare(
      `UPDATE maintenance_jobs
       SET turn = turn + 1, status = 'running', started_at = COALESCE(started_at, ?3), updated_at = ?3
       WHERE id = ?1 AND turn = ?2 AND completed_at IS NULL RETURNING *`,
    )
    .bind(id, turn, nowIso)
    .first<MaintenanceJobRow>();
}

/** How far it has come, which forgets the failures before where it has got on; null when the turn is no longer ours, else whether the job is to be cancelled. */
export async function saveJob(
  db: D1Database,
  { id, turn }: Pick<MaintenanceJobRow, "id" | "turn">,
  state: unknown,
  /** Null: as it was. */
  progress: JobProgress | null,
  nowIso: string,
): Promise<{ cancelRequested: boolean } | null> {
  const row = await db
    .prepare(
      `UPDATE maintenance_jobs SET state = ?3, progress = COALESCE(?4, progress), updated_at = ?5,
         failures = IIF(state IS ?3, failures, 0), problem = IIF(state IS ?3, problem, NULL)
       WHERE id = ?1 AND turn = ?2 AND completed_at IS NULL RETURNING cancel_requested_at`,
    )
    .bind(id, turn, JSON.stringify(state), progress === null ? null : JSON.stringify(progress), nowIso)
    .first<Pick<MaintenanceJobRow, "cancel_requested_at">>();
  return row === null ? null : { cancelRequested: row.cancel_requested_at !== null };
}

/** A failure that may pass; how many there have been since the job last got on. */
export async function noteJobFailure(
  db: D1Database,
  { id, turn }: Pick<MaintenanceJobRow, "id" | "turn">,
  problem: Problem,
  nowIso: string,
): Promise<number> {
  const failures = await db
    .prepare(
      `UPDATE maintenance_jobs SET failures = failures + 1, problem = ?3, updated_at = ?4
       WHERE id = ?1 AND turn = ?2 AND completed_at IS NULL RETURNING failures`,
    )
    .bind(id, turn, JSON.stringify(problem), nowIso)
    .first<number>("failures");
  return failures ?? 0;
}

export interface JobEnd {
  status: "completed" | "failed" | "cancelled";
  result?: unknown;
  problem?: Problem;
}

/** Ends the job, and says so in the audit; the first end holds. */
export async function endJob(
  db: D1Database,
  { id, turn }: Pick<MaintenanceJobRow, "id" | "turn">,
  { status, result, problem }: JobEnd,
  nowIso: string,
): Promise<boolean> {
  const [ended] = await db.batch([
    db
      .prepare(
        `UPDATE maintenance_jobs
         SET status = ?3, result = ?4, problem = ?5, state = NULL, updated_at = ?6, completed_at = ?6
         WHERE id = ?1 AND turn = ?2 AND completed_at IS NULL`,
      )
      .bind(
        ...[id, turn, status, result === undefined ? null : JSON.stringify(result)],
        ...[problem === undefined ? null : JSON.stringify(problem), nowIso],
      ),
    db
      .prepare(
        `INSERT INTO audit (at, key_id, key_tenant, action, subject, outcome, job_id)
         SELECT ?4, a.key_id, a.key_tenant, a.action, a.subject, ?3, ?1
         FROM audit a JOIN maintenance_jobs j ON j.id = a.job_id
         WHERE j.id = ?1 AND j.turn = ?2 AND j.completed_at = ?4 AND a.outcome = 'asked'`,
      )
      .bind(id, turn, status, nowIso),
  ]);
  return ended!.meta.changes > 0;
}

/** The job as it is now; null when it had ended. */
export function requestJobCancel(
  db: D1Database,
  id: string,
  nowIso: string,
): Promise<MaintenanceJobRow | null> {
  return db
    .prepare(
      `UPDATE maintenance_jobs SET cancel_requested_at = COALESCE(cancel_requested_at, ?2)
       WHERE id = ?1 AND completed_at IS NULL RETURNING *`,
    )
    .bind(id, nowIso)
    .first<MaintenanceJobRow>();
}

/** Jobs that nobody works on, marked as touched. */
export async function touchStaleJobs(
  db: D1Database,
  beforeIso: string,
  nowIso: string,
): Promise<Pick<MaintenanceJobRow, "id" | "turn">[]> {
  const { results } = await db
    .prepare(
      `UPDATE maintenance_jobs SET updated_at = ?2
       WHERE completed_at IS NULL AND updated_at < ?1 RETURNING id, turn`,
    )
    .bind(beforeIso, nowIso)
    .all<Pick<MaintenanceJobRow, "id" | "turn">>();
  return results;
}

export async function forgetJobsBefore(db: D1Database, beforeIso: string): Promise<void> {
  await db.prepare("DELETE FROM maintenance_jobs WHERE completed_at < ?").bind(beforeIso).run();
}
