import type { AnalysisResult } from "@twinframe/shared/contract";
import { dropObject } from "../intake/drop-object.ts";
import { keepOriginal } from "../intake/keep-original.ts";
import { queueForgetting } from "../references/forget.ts";
import type { Services } from "../services.ts";
import { noteDeleted, releaseClaim } from "../stores/deleted-references.ts";
import { noteEpoch } from "../stores/index-expectation.ts";
import { findReference, makeReady } from "../stores/references.ts";
import { tellReferenceIndexed } from "../webhooks/outbox.ts";
import { type CheckJob, claimKey } from "./check-job.ts";
import type { Claim } from "./claim.ts";

/** What becomes of a check's claim: a reference when the backend indexed the video, else nothing. */
export async function settleClaim(
  services: Services,
  job: CheckJob,
  claim: Claim,
  indexedAs: string | null,
  { video, index }: Pick<AnalysisResult, "video" | "index">,
): Promise<{ statements: D1PreparedStatement[]; afterwards: () => Promise<void> }> {
  const nothing = { statements: [], afterwards: async () => {} };
  if (job.options.index === "never") return nothing;
  const db = services.bindings.DB;
  const key = claimKey(job);
  const nowIso = new Date().toISOString();
  if (indexedAs === null) {
    const options = { keepTrace: false, alsoAcknowledged: true };
    return { ...nothing, statements: releaseClaim(db, key, job.id, options, nowIso) };
  }
  const objectKey = job.received?.objectKey;
  const keep = services.config.keepOriginals && objectKey !== undefined;
  const original = keep ? await keepOriginal(services, objectKey, key, job.id) : null;
  const { duration_s, seen_s, frames, sha256 } = video;
  const reference = {
    ...{ id: key.id, library: key.library, status: "ready" as const, sha256, duration_s, seen_s, frames },
    created_at: claim.kind === "held" ? claim.since : nowIso,
    metadata: job.options.metadata,
  };
  return {
    statements: [
      noteEpoch(db, key.tenant, key.library, index?.epoch ?? 0),
      makeReady(db, key, job.id, video, original, nowIso),
      await tellReferenceIndexed(services, key.tenant, job.id, reference, nowIso),
    ],
    async afterwards() {
      const row = await findReference(db, key);
      if (row?.job_id === job.id) return;
      // Deleted while it was indexed: the backend may have heard of the deletion before it had the entry.
      dropObject(services, original);
      await noteDeleted(db, key, job.id, nowIso);
      await queueForgetting(services, key, job.id);
    },
  };
}
