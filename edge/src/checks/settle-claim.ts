import type { AnalysisResult } from "@twinframe/shared/contract";
import { dropObject } from "../ingest/drop-object.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { keepOriginal, readyOrForgotten, readyStatements, releaseClaim } from "../references/index.ts";
import { type CheckJob, claimKey } from "./check-job.ts";
import type { Claim } from "./claim.ts";

/** What becomes of a check's claim: a reference when the backend indexed the video, else nothing. */
export async function settleClaim(
  context: RequestContext,
  job: CheckJob,
  claim: Claim,
  indexedAs: string | null,
  analysis: Pick<AnalysisResult, "video" | "index">,
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
  const { duration_s, seen_s, frames, sha256 } = analysis.video;
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
  const indexed = { key, jobId: job.id, analysis, reference, objectKey: original };
  return {
    statements: await readyStatements(context, indexed, nowIso),
    async afterwards() {
      if ((await readyOrForgotten(context, key, job.id, nowIso)) === null) dropObject(context, original);
    },
  };
}
