import { isTransient, toProblem } from "@twinframe/shared/problem";
import { objectSource } from "../clients/object-source.ts";
import { dropObject } from "../intake/drop-object.ts";
import { analyseCounted, type CountedOptions } from "../jobs/analyse-counted.ts";
import { mayBeIndexed } from "../jobs/may-pass.ts";
import { addFacts } from "../observe/operation.ts";
import type { Services } from "../services.ts";
import { noteDeleted, releaseClaim } from "../stores/deleted-references.ts";
import { expectationView, noteClaimed, noteEpoch, readExpectation } from "../stores/index-expectation.ts";
import { noteFailure } from "../stores/reference-failures.ts";
import { findReference, makeReady } from "../stores/references.ts";
import type { ReferenceRow } from "../stores/rows.ts";
import { tellReferenceFailed, tellReferenceIndexed } from "../webhooks/outbox.ts";
import { startDeliveries } from "../webhooks/queue.ts";
import { queueForgetting } from "./forget.ts";
import { referenceNotFound } from "./remove.ts";
import { referenceView } from "./view.ts";

/** Has the backend index a claimed reference and makes it ready. `created` is false when another did so first. */
export async function indexReference(
  services: Services,
  claim: ReferenceRow,
  objectKey: string,
  { signal, onStarted }: Pick<CountedOptions, "signal" | "onStarted">,
): Promise<{ row: ReferenceRow; created: boolean }> {
  const { config, bindings } = services;
  const { tenant, library, id, sha256, job_id: jobId } = claim;
  const source = await objectSource(config, tenant, objectKey);
  const task = { kind: "reference" as const, reference_id: id };
  const expects = await readExpectation(bindings.DB, tenant, library);
  const request = { tenant, library, sha256, source, task, index: expectationView(expects) };
  const { video, timings_ms, index } = await analyseCounted(services, { id: jobId }, request, {
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
    await tellReferenceIndexed(services, tenant, jobId, reference, nowIso),
  ]);
  startDeliveries(services, results);
  if (!keep) dropObject(services, claim.object_key);
  const row = await findReference(bindings.DB, claim);
  if (row?.job_id === jobId) return { row, created: results[2]!.meta.changes > 0 };
  // Deleted meanwhile: the backend may have heard of the deletion before it had the entry.
  await noteDeleted(bindings.DB, claim, jobId, nowIso);
  await queueForgetting(services, claim, jobId);
  throw referenceNotFound(claim);
}

/**
 * Removes the claim of a reference that cannot be indexed. One that a client has been promised (202) stays through
 * failures that may pass: the queue tries it again.
 */
export async function giveUpReference(
  services: Services,
  claim: ReferenceRow,
  error: unknown,
): Promise<void> {
  const db = services.bindings.DB;
  const problem = toProblem(error);
  const isFinal = !isTransient(problem.code);
  const keepTrace = mayBeIndexed(problem.code);
  const nowIso = new Date().toISOString();
  const told = isFinal
    ? [
        noteFailure(db, claim, claim.job_id, problem, nowIso),
        await tellReferenceFailed(services, claim, claim.job_id, problem, nowIso),
      ]
    : [];
  const options = { keepTrace, alsoAcknowledged: isFinal };
  const results = await db.batch([...told, ...releaseClaim(db, claim, claim.job_id, options, nowIso)]);
  startDeliveries(services, results);
  if (results.at(-1)!.results.length === 0) return;
  dropObject(services, claim.object_key);
  if (keepTrace) await queueForgetting(services, claim, claim.job_id);
}
