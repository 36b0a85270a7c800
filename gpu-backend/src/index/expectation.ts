// Whether an index is the one that the edge's rows describe: the same installation's, with an epoch of at least what
// was acknowledged, and with as many references. Any other index would call a copy unique.

import type { IndexExpectation } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { IndexAdmin, LibraryStanding } from "./vector-index.ts";

/** What an operator can do about it; written to the log. */
const REMEDY =
  "put the right state folder, TWINFRAME_QDRANT_PREFIX or backup back, or see what is missing: GET /v1/admin/index; then rebuild it with POST /v1/admin/jobs (reconcile, repair), or take it as it is with POST /v1/admin/index/adopt";

const RETRY_AFTER_S = 60;

const refused = (why: string) =>
  new ProblemError(
    "index_unavailable",
    "The index is not the one that holds these references, so nothing is said about the video; an operator has to put that right.",
    { retryAfterS: RETRY_AFTER_S, cause: new Error(`${why}: ${REMEDY}`) },
  );

/** Throws `index_unavailable` for another installation's index; an unclaimed one passes. */
export function requireOwnOrUnclaimed(installation: string | null, expected: string): void {
  if (installation === null || installation === expected) return;
  throw refused(`the index is of the installation ${installation}, the edge's is ${expected}`);
}

function shortcoming(
  library: string,
  standing: LibraryStanding,
  { epoch, references }: NonNullable<IndexExpectation["library"]>,
): string | null {
  if (standing.epoch < epoch)
    return `the index is older than what was acknowledged: the library ${library} was written ${epoch} times, here ${standing.epoch} times`;
  // Writes that the edge has no acknowledgement of yet may have been deletions.
  const least = references - (standing.epoch - epoch);
  if (standing.references < least)
    return `the index lacks references: the library ${library} has ${references}, here ${standing.references}`;
  return null;
}

/**
 * Throws `index_unavailable` unless the live generation's index is the expected one; of work that only fills it,
 * unless it is unclaimed or the installation's. An unclaimed index that has all references becomes the installation's.
 */
export async function requireExpected(
  index: Pick<IndexAdmin, "standing" | "stats" | "assignTo">,
  library: string,
  expected: IndexExpectation,
): Promise<void> {
  const standing = await index.standing(library);
  requireOwnOrUnclaimed(standing.installation, expected.installation);
  if (expected.library === undefined) return;
  if (standing.installation === null) {
    const { unclaimed } = expected;
    if (unclaimed === undefined)
      throw refused("the index is nobody's: it is new, or was restored, while the edge has references");
    if ((await index.stats()).references < unclaimed)
      throw refused(`the index is nobody's, and has fewer references than the edge, which has ${unclaimed}`);
    await index.assignTo(expected.installation);
  }
  const why = shortcoming(library, standing, expected.library);
  if (why !== null) throw refused(why);
}
