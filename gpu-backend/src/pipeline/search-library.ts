// The references most like a query, with the stretches that they share; no verdict.

import type { FoundReference } from "@twinframe/shared/contract";
import { decide } from "../verdict/decide.ts";
import { exactMatch, foundIn } from "../verdict/judge.ts";
import { alignCandidates } from "./compare.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";
import type { Subject } from "./subject.ts";

export interface SearchOptions {
  size: number;
  /** The reference that is itself the query. */
  exceptId: string | null;
}

/** Best first. What shares no stretch with the query is left out. */
export async function searchLibrary(
  library: string,
  query: Subject,
  { size, exceptId }: SearchOptions,
  stages: Stages,
  clock: StageClock,
): Promise<FoundReference[]> {
  // One more, for the query itself.
  const maxCandidates = Math.max(stages.search.maxCandidates, size) + 1;
  const search = { ...stages.search, maxCandidates };
  const candidates = await alignCandidates(library, query, { ...stages, search }, clock);
  const found = new Map<string, FoundReference>();
  for (const { referenceId, durationS, segments } of candidates) {
    if (segments.length === 0) continue;
    const counted = decide(segments, query.track, { durationS }, stages.policy).segments;
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
