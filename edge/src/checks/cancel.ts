import { ProblemError } from "@twinframe/shared/problem";
import { stopAnalysis } from "../clients/gpu-backend.ts";
import { dropObject } from "../intake/drop-object.ts";
import { queueForgetting } from "../references/forget.ts";
import type { Services } from "../services.ts";
import { cancelCheckRow } from "../stores/checks.ts";
import { releaseClaim } from "../stores/deleted-references.ts";
import type { CheckRow } from "../stores/rows.ts";
import { analysisOf, checkObjectKey, claimKey, jobOfRow } from "./check-job.ts";
import { findOwnCheck } from "./own-check.ts";

/**
 * Ends an unfinished check without a verdict. Whoever works on it finds that out at its next step; the backend
 * is told to stop, and where it does not hear that, its result is dropped.
 */
export async function cancelCheck(services: Services, tenant: string, id: string): Promise<CheckRow> {
  const db = services.bindings.DB;
  const row = await findOwnCheck(services, tenant, id);
  const job = jobOfRow(row);
  const key = claimKey(job);
  const nowIso = new Date().toISOString();
  // Nobody knows yet whether the backend has indexed the video already.
  const options = { keepTrace: true, alsoAcknowledged: true };
  const release = job.options.index === "never" ? [] : releaseClaim(db, key, id, options, nowIso);
  const results = await db.batch([cancelCheckRow(db, id, nowIso), ...release]);
  if (results[0]!.meta.changes === 0) {
    const ended = await findOwnCheck(services, tenant, id);
    if (ended.status === "cancelled") return ended;
    throw new ProblemError(
      "check_finished",
      `The check is ${ended.status} already; there is nothing to cancel.`,
    );
  }
  dropObject(services, checkObjectKey(job));
  if (row.object_key !== checkObjectKey(job)) dropObject(services, row.object_key);
  services.defer(stopAnalysis(services.config, analysisOf(job)));
  if (release.length > 0 && results.at(-1)!.results.length > 0) {
    // A message lost here is made up for by the sweeper.
    await queueForgetting(services, key, id).catch(() => {});
  }
  return findOwnCheck(services, tenant, id);
}
