// A claim whose video the backend has indexed becomes a reference, at once with what is told of it.

import type { AnalysisResult, Reference, ReferenceKey } from "@twinframe/shared/contract";
import { noteEpoch } from "../backend-client/store/index-expectation.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { tellReferenceIndexed } from "../webhooks/index.ts";
import { queueForgetting } from "./forget.ts";
import { noteDeleted } from "./store/deleted-references.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { findReference, makeReady } from "./store/references.ts";

export interface IndexedClaim {
  key: ReferenceKey;
  jobId: string;
  analysis: Pick<AnalysisResult, "video" | "index">;
  /** As the webhooks tell it. */
  reference: Reference;
  /** Where its original lies; null: it is not kept. */
  objectKey: string | null;
}

/** Statements for one batch. The one before the last makes the reference ready, and changes nothing if it was. */
export async function readyStatements(
  context: RequestContext,
  { key, jobId, analysis: { video, index }, reference, objectKey }: IndexedClaim,
  nowIso: string,
): Promise<D1PreparedStatement[]> {
  const db = context.bindings.DB;
  return [
    noteEpoch(db, key.tenant, key.library, index?.epoch ?? 0),
    makeReady(db, key, jobId, video, objectKey, nowIso),
    await tellReferenceIndexed(context, key.tenant, jobId, reference, nowIso),
  ];
}

/**
 * The reference, after that batch. Null when it was deleted while it was indexed: the backend may have heard of the
 * deletion before it had the entry, so it is told once more.
 */
export async function readyOrForgotten(
  context: RequestContext,
  key: ReferenceKey,
  jobId: string,
  nowIso: string,
): Promise<ReferenceRow | null> {
  const db = context.bindings.DB;
  const row = await findReference(db, key);
  if (row?.job_id === jobId) return row;
  await noteDeleted(db, key, jobId, nowIso);
  await queueForgetting(context, key, jobId);
  return null;
}
