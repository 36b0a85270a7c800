// What /metrics asks the database: small questions, answered from indexes that hold nothing else.

import type { Problem } from "@twinframe/shared/problem";

export interface EdgeFigures {
  unfinished: { status: "queued" | "running"; checks: number; oldest: string }[];
  /** Checks that ended since the time asked about. */
  ended: {
    status: "completed" | "failed" | "cancelled";
    verdict: string | null;
    found_by: string | null;
    problem_code: Problem["code"] | null;
    checks: number;
  }[];
  indexing: { references_: number; oldest: string | null };
  imports: { open: number };
  due: { deliveries: number; oldest: string | null };
  failed: { deliveries: number };
}

export const UNFINISHED = `SELECT status, COUNT(*) AS checks, MIN(created_at) AS oldest FROM checks
  WHERE status IN ('queued', 'running') GROUP BY status`;
/** In two steps: only a selection without sums reads expressions from their index. */
export const ENDED = `WITH ended AS MATERIALIZED (
    SELECT status, json_extract(result, '$.verdict') AS verdict, json_extract(result, '$.found_by') AS found_by,
           json_extract(problem, '$.code') AS problem_code
    FROM checks WHERE completed_at > ?)
  SELECT status, verdict, found_by, problem_code, COUNT(*) AS checks FROM ended GROUP BY 1, 2, 3, 4`;
export const INDEXING = `SELECT COUNT(*) AS references_, MIN(updated_at) AS oldest FROM library_references
  WHERE status = 'indexing'`;
const IMPORTS = "SELECT COUNT(*) AS open FROM imports WHERE completed_at IS NULL";
export const DUE = `SELECT COUNT(*) AS deliveries, MIN(next_attempt_at) AS oldest FROM webhook_deliveries
  WHERE status = 'pending' AND next_attempt_at <= ?`;
export const FAILED = `SELECT COUNT(*) AS deliveries FROM webhook_deliveries
  WHERE status = 'failed' AND failed_at > ?`;

export interface Since {
  nowIso: string;
  /** Checks that ended after it. */
  endedIso: string;
  /** Deliveries given up after it. */
  failedIso: string;
}

export async function readFigures(db: D1Database, since: Since): Promise<EdgeFigures> {
  const rows = await db.batch([
    db.prepare(UNFINISHED),
    db.prepare(ENDED).bind(since.endedIso),
    db.prepare(INDEXING),
    db.prepare(IMPORTS),
    db.prepare(DUE).bind(since.nowIso),
    db.prepare(FAILED).bind(since.failedIso),
  ]);
  const [unfinished, ended, indexing, imports, due, failed] = rows.map(({ results }) => results);
  return {
    unfinished,
    ended,
    indexing: indexing![0],
    imports: imports![0],
    due: due![0],
    failed: failed![0],
  } as EdgeFigures;
}
