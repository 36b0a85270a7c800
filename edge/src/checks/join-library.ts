import type { FoundMatch, Match } from "@twinframe/shared/contract";
import type { Services } from "../services.ts";
import { findReferences } from "../stores/references.ts";
import type { CheckJob } from "./check-job.ts";

/**
 * The matches that name references which still exist and are not disabled, with their metadata. A check that is analysed again
 * after its video was indexed finds that very video; this is then not a match but the reference it made.
 */
export async function joinLibrary(
  { bindings }: Services,
  job: CheckJob,
  found: readonly FoundMatch[],
): Promise<{ matches: Match[]; ownReferenceId: string | null }> {
  const ids = found.map((match) => match.reference_id);
  const rows = await findReferences(bindings.DB, job.tenant, job.options.library, ids);
  const matches: Match[] = [];
  let ownReferenceId: string | null = null;
  for (const match of found) {
    const row = rows.get(match.reference_id);
    if (row === undefined) continue;
    if (row.job_id === job.id) ownReferenceId = row.id;
    else if (row.disabled_at === null) matches.push({ ...match, metadata: JSON.parse(row.metadata) });
  }
  return { matches, ownReferenceId };
}
