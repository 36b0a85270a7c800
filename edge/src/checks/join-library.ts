import type { AnalysisResult, Evidence, Match } from "@twinframe/shared/contract";
import type { RequestContext } from "../platform/request-context.ts";
import type { ReferenceRow } from "../references/index.ts";
import { findReferences } from "../references/index.ts";
import type { CheckJob } from "./check-job.ts";

export interface Joined {
  matches: Match[];
  ownReferenceId: string | null;
  /** As of now: what joins or leaves the library later does not change what this check was made from. */
  evidence: Evidence | null;
}

/**
 * The matches that name references which still exist and are not disabled, with their metadata. A check that is analysed again
 * after its video was indexed finds that very video; this is then not a match but the reference it made.
 */
export async function joinLibrary(
  { bindings }: RequestContext,
  job: CheckJob,
  { matches: found, evidence }: Pick<AnalysisResult, "matches" | "evidence">,
): Promise<Joined> {
  const candidates = evidence?.candidates ?? [];
  const ids = new Set([...found, ...candidates].map(({ reference_id }) => reference_id));
  const rows = await findReferences(bindings.DB, job.tenant, job.options.library, [...ids]);
  const takesPart = (row: ReferenceRow | undefined): row is ReferenceRow =>
    row !== undefined && row.job_id !== job.id && row.disabled_at === null;
  const own = found.find(({ reference_id }) => rows.get(reference_id)?.job_id === job.id);
  return {
    matches: found.flatMap((match) => {
      const row = rows.get(match.reference_id);
      return takesPart(row) ? [{ ...match, metadata: JSON.parse(row.metadata) }] : [];
    }),
    ownReferenceId: own?.reference_id ?? null,
    evidence: evidence
      ? {
          ...evidence,
          candidates: candidates.filter(({ reference_id }) => takesPart(rows.get(reference_id))),
        }
      : null,
  };
}
