import { ProblemError } from "@twinframe/shared/problem";
import { stopAnalysis } from "../backend-client/analyses.ts";
import { dropObject } from "../ingest/drop-object.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { queueForgetting, releaseClaim } from "../references/index.ts";
import { analysisOf, checkObjectKey, claimKey, jobOfRow } from "./check-job.ts";
import { findOwnCheck } from "./own-check.ts";
import type { CheckRow } from "./store/check-row.ts";
import { cancelCheckRow } from "./store/checks.ts";

/**
 * Ends an unfinished check without a verdict. Whoever works on it finds that out at its next step; the backend
 * is told to stop, and where it does not hear that, its result is dropped.
 */
export async function cancelCheck(context: RequestContext, tenant: string, id: string): Promise<CheckRow> {
  const db = context.bindings.DB;
  const row = await findOwnCheck(context, tenant, id);
  const job = jobOfRow(row);
  const key = claimKey(job);
  const nowIso = new Date().toISOString();
  // Nobody knows yet whether the backend has indexed the video already.
  const options = { keepTrace: true, alsoAcknowledged: true };
  const release = job.options.index === "never" ? [] : releaseClaim(db, key, id, options, nowIso);
  const results = await db.batch([cancelCheckRow(db, id, nowIso), ...release]);
  if (results[0]!.meta.changes === 0) {
    const ended = await findOwnCheck(context, tenant, id);
    if (ended.status === "cancelled") return ended;
    throw new ProblemError(
      "check_finished",
      `The check is ${ended.status} already; there is nothing to cancel.`,
    );
  }
  dropObject(context, checkObjectKey(job));
  if (row.object_key !== checkObjectKey(job)) dropObject(context, row.object_key);
  context.defer(stopAnalysis(context.config, analysisOf(job)));
  if (release.length > 0 && results.at(-1)!.results.length > 0) {
    // A message lost here is made up for by the sweeper.
    await queueForgetting(context, key, id).catch(() => {});
  }
  return findOwnCheck(context, tenant, id);
}
