// A reference asked for over HTTP: received, claimed, indexed by the backend, ready.

import type { ReferenceKey, ReferenceOptions } from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { ProblemError } from "@twinframe/shared/problem";
import { dropObject } from "../ingest/drop-object.ts";
import { type ReceivedVideo, receiveVideo } from "../ingest/receive.ts";
import type { VideoOrigin } from "../ingest/video-origin.ts";
import { Interrupted, pause, signalAfter } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { checkAddress, noteAddress, startDeliveries, tellAddressesOfReady } from "../webhooks/index.ts";
import { acceptReference } from "./accept.ts";
import { holderOf } from "./conflicts.ts";
import { giveUpReference, indexReference } from "./index-reference.ts";
import { refuseTooManyReferences } from "./open-references.ts";
import { keepOriginal, originalKey } from "./originals.ts";
import { sourceNote } from "./source-note.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { claimReference, findHolders, findReference } from "./store/references.ts";
import { referenceView } from "./view.ts";

export interface ReferenceSubmission {
  tenant: string;
  options: ReferenceOptions;
  origin: VideoOrigin;
  waitMs: number;
}

export interface ReferenceOutcome {
  status: 200 | 201 | 202;
  row: ReferenceRow;
}

const POLL_MS = 200;

export async function addReference(
  context: RequestContext,
  submission: ReferenceSubmission,
): Promise<ReferenceOutcome> {
  const { tenant, options, origin, waitMs } = submission;
  checkAddress(context, options.webhook_url);
  await refuseTooManyReferences(context, tenant);
  const wait = signalAfter(waitMs);
  const jobId = newId("job");
  const key = { tenant, library: options.library, id: options.id ?? newId("ref") };
  try {
    const received = await receive(context, origin, key, jobId);
    const { objectKey } = received;
    try {
      const outcome = await settle(context, submission, key, jobId, received, wait.signal);
      if (outcome.row.object_key !== objectKey) dropObject(context, objectKey);
      if (options.webhook_url !== undefined) await tellOfReady(context, outcome.row);
      return outcome;
    } catch (error) {
      // A claim that was promised to another client outlives our failure, and needs its object.
      const row = await findReference(context.bindings.DB, key).catch(() => null);
      if (row?.object_key !== objectKey) dropObject(context, objectKey);
      throw error;
    }
  } finally {
    wait.clear();
  }
}

/** An address may have come when the reference was ready already, or another runner was about to make it so. */
async function tellOfReady(context: RequestContext, row: ReferenceRow): Promise<void> {
  if (row.status !== "ready") return;
  const { tenant, job_id: jobId } = row;
  const nowIso = new Date().toISOString();
  const told = await tellAddressesOfReady(context, tenant, jobId, referenceView(row), nowIso);
  startDeliveries(context, [await told.all()]);
}

/** Into what the reference keeps or what the job drops; an upload's object stays the upload's. */
async function receive(
  context: RequestContext,
  origin: VideoOrigin,
  key: ReferenceKey,
  jobId: string,
): Promise<ReceivedVideo> {
  const kept = context.config.keepOriginals;
  const objectKey = kept ? originalKey(key, jobId) : `intake/${jobId}`;
  const received = await receiveVideo(context, { tenant: key.tenant, origin, objectKey });
  if (!kept || origin.kind !== "stored") return received;
  const original = await keepOriginal(context, origin.objectKey, key, jobId);
  if (original !== null) return { ...received, objectKey: original };
  throw new ProblemError("upload_not_found", "The upload is gone. Begin another one with POST /v1/uploads.");
}

async function settle(
  context: RequestContext,
  { options, origin }: ReferenceSubmission,
  key: ReferenceKey,
  jobId: string,
  received: ReceivedVideo,
  signal: AbortSignal,
): Promise<ReferenceOutcome> {
  const db = context.bindings.DB;
  const { sha256, objectKey } = received;
  const claim = {
    ...key,
    sha256,
    job_id: jobId,
    object_key: objectKey,
    source: sourceNote(origin),
    metadata: JSON.stringify(options.metadata),
  };
  for (;;) {
    await claimReference(db, claim, new Date().toISOString());
    const holder = holderOf(await findHolders(db, key, sha256), key, sha256, options.id !== undefined);
    if (holder === undefined) continue;
    const ready = holder.status === "ready";
    if (!ready && holder.job_id.startsWith("chk_")) {
      await waitForCheck(signal);
      continue;
    }
    await noteAddress(context, key.tenant, holder.job_id, options.webhook_url);
    if (ready) return { status: 200, row: holder };
    return index(context, holder, objectKey, signal);
  }
}

/** A check holds this content and may yet find that it is a copy: only then is it ours to index. */
async function waitForCheck(signal: AbortSignal): Promise<void> {
  await pause(POLL_MS, signal).catch(() => {
    throw new ProblemError(
      "overloaded",
      "A check of this very video is still running; add it again shortly.",
    );
  });
}

async function index(
  context: RequestContext,
  claim: ReferenceRow,
  objectKey: string,
  signal: AbortSignal,
): Promise<ReferenceOutcome> {
  try {
    if (signal.aborted) throw new Interrupted();
    const { row, created } = await indexReference(context, claim, objectKey, { signal });
    return { status: created ? 201 : 200, row };
  } catch (error) {
    if (error instanceof Interrupted) return { status: 202, row: await acceptReference(context, claim) };
    await giveUpReference(context, claim, error);
    throw error;
  }
}
