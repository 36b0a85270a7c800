import { isTransient, toProblem } from "@twinframe/shared/problem";
import { type AnalyseOptions, analyse } from "../backend-client/analyse.ts";
import { expectationView, noteClaimed, readExpectation } from "../backend-client/store/index-expectation.ts";
import { dropObject } from "../ingest/drop-object.ts";
import { objectSource } from "../ingest/object-source.ts";
import { mayBeIndexed } from "../platform/queue/retryable.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { addFacts } from "../platform/telemetry/operation.ts";
import { startDeliveries, tellReferenceFailed } from "../webhooks/index.ts";
import { readyOrForgotten, readyStatements } from "./become-ready.ts";
import { queueForgetting } from "./forget.ts";
import { referenceNotFound } from "./remove.ts";
import { releaseClaim } from "./store/deleted-references.ts";
import { noteFailure } from "./store/reference-failures.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { referenceView } from "./view.ts";

/** Has the backend index a claimed reference and makes it ready. `created` is false when another did so first. */
export async function indexReference(
  context: RequestContext,
  claim: ReferenceRow,
  objectKey: string,
  { signal, onStarted }: Pick<AnalyseOptions, "signal" | "onStarted">,
): Promise<{ row: ReferenceRow; created: boolean }> {
  const { config, bindings } = context;
  const { tenant, library, id, sha256, job_id: jobId } = claim;
  const source = await objectSource(config, tenant, objectKey);
  const task = { kind: "reference" as const, reference_id: id };
  const expects = await readExpectation(bindings.DB, tenant, library);
  const request = { tenant, library, sha256, source, task, index: expectationView(expects) };
  const analysis = await analyse(context, { id: jobId }, request, { signal, onStarted });
  const { video, timings_ms } = analysis;
  addFacts({ reference_id: id, job_id: jobId, frames: video.frames, timings_ms });
  const nowIso = new Date().toISOString();
  const keep = config.keepOriginals;
  const { duration_s, seen_s, frames } = video;
  const reference = referenceView({ ...claim, status: "ready", duration_s, seen_s, frames });
  const indexed = { key: claim, jobId, analysis, reference, objectKey: keep ? claim.object_key : null };
  const results = await bindings.DB.batch([
    noteClaimed(bindings.DB, nowIso),
    ...(await readyStatements(context, indexed, nowIso)),
  ]);
  startDeliveries(context, results);
  if (!keep) dropObject(context, claim.object_key);
  const row = await readyOrForgotten(context, claim, jobId, nowIso);
  if (row === null) throw referenceNotFound(claim);
  return { row, created: results.at(-2)!.meta.changes > 0 };
}

/**
 * Removes the claim of a reference that cannot be indexed. One that a client has been promised (202) stays through
 * failures that may pass: the queue tries it again.
 */
export async function giveUpReference(
  context: RequestContext,
  claim: ReferenceRow,
  error: unknown,
): Promise<void> {
  const db = context.bindings.DB;
  const problem = toProblem(error);
  const isFinal = !isTransient(problem.code);
  const keepTrace = mayBeIndexed(problem.code);
  const nowIso = new Date().toISOString();
  const failure = isFinal
    ? [
        noteFailure(db, claim, claim.job_id, problem, nowIso),
        await tellReferenceFailed(context, claim, claim.job_id, problem, nowIso),
      ]
    : [];
  const options = { keepTrace, alsoAcknowledged: isFinal };
  const results = await db.batch([...failure, ...releaseClaim(db, claim, claim.job_id, options, nowIso)]);
  startDeliveries(context, results);
  if (results.at(-1)!.results.length === 0) return;
  dropObject(context, claim.object_key);
  if (keepTrace) await queueForgetting(context, claim, claim.job_id);
}
