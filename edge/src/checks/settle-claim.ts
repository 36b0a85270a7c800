import type { AnalysisResult } from "@twinframe/shared/contract";
import { noteEpoch } from "../backend-client/store/index-expectation.ts";
import { dropObject } from "../ingest/drop-object.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { queueForgetting } from "../references/forget.ts";
import { keepOriginal } from "../references/originals.ts";
import { noteDeleted, releaseClaim } from "../references/store/deleted-references.ts";
import { findReference, makeReady } from "../references/store/references.ts";
import { tellReferenceIndexed } from "../webhooks/outbox.ts";
import { type CheckJob, claimKey } from "./check-job.ts";
import type { Claim } from "./claim.ts";

/** What becomes of a check's claim: a reference when the backend indexed the video, else nothing. */
export async function settleClaim(
  context: RequestContext,
  job: CheckJob,
  claim: Claim,
  indexedAs: string | null,
  { video, index }: Pick<AnalysisResult, "video" | "index">,
): Promise<{ statements: D1PreparedStatement[]; afterwards: () => Promise<void> }> {
  const nothing = { statements: [], afterwards: async () => {} };
  if (job.options.index === "never") return nothing;
  const db = context.bindings.DB;
  const key = claimKey(job);
  const nowIso = new Date().toISOString();
  if (indexedAs === null) {
    const options = { keepTrace: false, alsoAcknowledged: true };
    return { ...nothing, statements: releaseClaim(db, key, job.id, options, nowIso) };
  }
  const objectKey = job.received?.objectKey;
  const keep = context.config.keepOriginals && objectKey !== undefined;
  const original = keep ? await keepOriginal(context, objectKey, key, job.id) : null;
  const { duration_s, seen_s, frames, sha256 } = video;
  const reference = {
    id: key.id,
    library: key.library,
    status: "ready" as const,
    sha256,
    duration_s,
    seen_s,
    frames,
    created_at: claim.kind === "held" ? claim.since : nowIso,
    metadata: job.options.metadata,
  };
  return {
    statements: [
      noteEpoch(db, key.tenant, key.library, index?.epoch ?? 0),
      makeReady(db, key, job.id, video, original, nowIso),
      await tellReferenceIndexed(context, key.tenant, job.id, reference, nowIso),
    ],
    async afterwards() {
      const row = await findReference(db, key);
      if (row?.job_id === job.id) return;
      // Deleted while it was indexed: the backend may have heard of the deletion before it had the entry.
      dropObject(context, original);
      await noteDeleted(db, key, job.id, nowIso);
      await queueForgetting(context, key, job.id);
    },
  };
}
