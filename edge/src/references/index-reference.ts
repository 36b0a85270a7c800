import { isTransient, toProblem } from "@twinframe/shared/problem";
import { analyseCounted, type CountedOptions } from "../backend-client/analyse-counted.ts";
import {
  expectationView,
  noteClaimed,
  noteEpoch,
  readExpectation,
} from "../backend-client/store/index-expectation.ts";
import { dropObject } from "../ingest/drop-object.ts";
import { objectSource } from "../ingest/object-source.ts";
import { mayBeIndexed } from "../platform/queue/retryable.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { addFacts } from "../platform/telemetry/operation.ts";
import { tellReferenceFailed, tellReferenceIndexed } from "../webhooks/outbox.ts";
import { startDeliveries } from "../webhooks/queue.ts";
import { queueForgetting } from "./forget.ts";
import { referenceNotFound } from "./remove.ts";
import { noteDeleted, releaseClaim } from "./store/deleted-references.ts";
import { noteFailure } from "./store/reference-failures.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { findReference, makeReady } from "./store/references.ts";
import { referenceView } from "./view.ts";

/** Has the backend index a claimed reference and makes it ready. `created` is false when another did so first. */
export async function indexReference(
  context: RequestContext,
  claim: ReferenceRow,
  objectKey: string,
  { signal, onStarted }: Pick<CountedOptions, "signal" | "onStarted">,
): Promise<{ row: ReferenceRow; created: boolean }> {
  const { config, bindings } = context;
  const { tenant, library, id, sha256, job_id: jobId } = claim;
  const source = await objectSource(config, tenant, objectKey);
  const task = { kind: "reference" as const, reference_id: id };
  const expects = await readExpectation(bindings.DB, tenant, library);
  const request = { tenant, library, sha256, source, task, index: expectationView(expects) };
  const { video, timings_ms, index } = await analyseCounted(context, { id: jobId }, request, {
    signal,
    onStarted,
  });
  addFacts({ reference_id: id, job_id: jobId, frames: video.frames, timings_ms });
  const nowIso = new Date().toISOString();
  const keep = config.keepOriginals;
  const { duration_s, seen_s, frames } = video;
  const reference = referenceView({ ...claim, status: "ready", duration_s, seen_s, frames });
  const results = await bindings.DB.batch([
    noteEpoch(bindings.DB, tenant, library, index?.epoch ?? 0),
    noteClaimed(bindings.DB, nowIso),
    makeReady(bindings.DB, claim, jobId, video, keep ? claim.object_key : null, nowIso),
    await tellReferenceIndexed(context, tenant, jobId, reference, nowIso),
  ]);
  startDeliveries(context, results);
  if (!keep) dropObject(context, claim.object_key);
  const row = await findReference(bindings.DB, claim);
  if (row?.job_id === jobId) return { row, created: results[2]!.meta.changes > 0 };
  // Deleted meanwhile: the backend may have heard of the deletion before it had the entry.
  await noteDeleted(bindings.DB, claim, jobId, nowIso);
  await queueForgetting(context, claim, jobId);
  throw referenceNotFound(claim);
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
  const told = isFinal
    ? [
        noteFailure(db, claim, claim.job_id, problem, nowIso),
        await tellReferenceFailed(context, claim, claim.job_id, problem, nowIso),
      ]
    : [];
  const options = { keepTrace, alsoAcknowledged: isFinal };
  const results = await db.batch([...told, ...releaseClaim(db, claim, claim.job_id, options, nowIso)]);
  startDeliveries(context, results);
  if (results.at(-1)!.results.length === 0) return;
  dropObject(context, claim.object_key);
  if (keepTrace) await queueForgetting(context, claim, claim.job_id);
}
