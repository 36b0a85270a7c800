import type { Evidence, Explanation } from "@twinframe/shared/contract";
import { dropObject } from "../ingest/drop-object.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { addFacts } from "../platform/telemetry/operation.ts";
import { startDeliveries, tellCheckCompleted } from "../webhooks/index.ts";
import { type CheckJob, rowOfJob } from "./check-job.ts";
import type { CompletedCheck } from "./completed-check.ts";
import { endedOutcome } from "./ended.ts";
import { keepExplanation } from "./explanation.ts";
import { keepEvidence, MAX_EVIDENCE_CHARS } from "./store/check-evidence.ts";
import type { StoredResult } from "./store/check-row.ts";
import { saveCompleted } from "./store/checks.ts";
import { completedView } from "./view.ts";

function evidenceToKeep(db: D1Database, id: string, evidence: Evidence | null, completedAt: string) {
  const text = evidence === null ? "" : JSON.stringify(evidence);
  return text === "" || text.length > MAX_EVIDENCE_CHARS ? [] : [keepEvidence(db, id, text, completedAt)];
}

export interface Ending {
  result: StoredResult;
  explanation: Explanation | null;
  /** In the same batch as the result. */
  also?: readonly D1PreparedStatement[];
  evidence?: Evidence | null;
}

/** Writes the result unless another runner of the same check was first; then that one's result holds. */
export async function saveEnding(
  context: RequestContext,
  job: CheckJob,
  { result, explanation, also = [], evidence = null }: Ending,
): Promise<CompletedCheck> {
  const db = context.bindings.DB;
  const completedAt = new Date().toISOString();
  addFacts({
    check_id: job.id,
    verdict: result.verdict,
    found_by: result.found_by,
    matches: result.matches.length,
    bytes: job.received?.bytes,
    timings_ms: result.timings_ms,
  });
  // Before the row says that the check is completed, so that nobody misses it.
  if (explanation !== null) await keepExplanation(context, job, completedAt, explanation);
  const view = completedView({ job, result, completedAt, explanation: null });
  const told = await tellCheckCompleted(context, job.tenant, view, completedAt);
  const results = await db.batch([
    saveCompleted(db, rowOfJob(job), result, completedAt),
    ...evidenceToKeep(db, job.id, evidence, completedAt),
    ...also,
    told,
  ]);
  const [saved] = results;
  startDeliveries(context, results);
  dropObject(context, job.received?.objectKey);
  if (saved!.meta.changes > 0) return { job, result, completedAt, explanation };
  const ended = await endedOutcome(context, job);
  if (ended === null) throw new Error(`check ${job.id} could not be completed`);
  return ended;
}
