// The references most like a query, with the segments that they share; no verdict.

import type { FoundReference } from "@twinframe/shared/contract";
import type { IndexReader } from "../index/vector-index.ts";
import { judge } from "../verdict/judge.ts";
import { exactMatch, foundIn } from "../verdict/match.ts";
import type { WorkContext } from "../work/work-context.ts";
import { candidatesIn } from "./candidates.ts";
import { type LookUpStages, lookUp } from "./look-up.ts";
import type { SearchStage } from "./stages.ts";
import type { Subject } from "./task-subject.ts";

export interface LibrarySearch {
  /** `tenant/library`. */
  library: string;
  size: number;
  /** The reference that is itself the query. */
  exceptId: string | null;
}

/** Best first, without references that share no segment with the query. */
export async function searchLibrary(
  query: Subject,
  { library, size, exceptId }: LibrarySearch,
  stages: LookUpStages & SearchStage & { index: Pick<IndexReader, "findByPackets"> },
  context: WorkContext,
): Promise<FoundReference[]> {
  // One more, for the query itself.
  const maxCandidates = Math.max(stages.search.maxCandidates, size) + 1;
  const search = { ...stages.search, maxCandidates };
  const { candidates } = await lookUp(query, candidatesIn(library, stages), { ...stages, search }, context);
  const found = new Map<string, FoundReference>();
  for (const { referenceId, durationS, segments } of candidates) {
    if (segments.length === 0) continue;
    const counted = judge(segments, query.track, { durationS }, stages.policy).segments;
    const shown = counted.length > 0 ? counted : segments;
    found.set(referenceId, { reference_id: referenceId, ...foundIn(shown, query.track, { durationS }) });
  }
  for (const record of await stages.index.findByPackets(library, query.packetsSha256)) {
    const { verdict: _, ...same } = exactMatch(record.id, query.track, record);
    found.set(record.id, same);
  }
  if (exceptId !== null) found.delete(exceptId);
  return [...found.values()]
    .sort((a, b) => b.score - a.score || b.visual.query_coverage - a.visual.query_coverage)
    .slice(0, size);
}
