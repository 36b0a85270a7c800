// References with the very same coded pictures, which are found without decoding.

import type { IndexReader } from "../index/vector-index.ts";
import { exactMatch } from "../verdict/match.ts";
import type { InspectedVideo } from "./analysis.ts";
import { explainSamePackets } from "./explain/explain-exact.ts";
import type { ExplanationBasis } from "./explain/explanation-basis.ts";
import type { Findings } from "./findings.ts";

export interface PacketsQuery {
  /** `tenant/library`. */
  library: string;
  inspected: InspectedVideo;
  explain: boolean;
}

/** Null when the library has none. */
export async function findSamePackets(
  { library, inspected, explain }: PacketsQuery,
  stages: ExplanationBasis & { index: Pick<IndexReader, "findByPackets"> },
): Promise<Findings | null> {
  const { probed, packetsSha256 } = inspected;
  const records = await stages.index.findByPackets(library, packetsSha256);
  if (records.length === 0) return null;
  const matches = records.map((record) => exactMatch(record.id, probed, record));
  return {
    foundBy: "exact_packets",
    matches,
    indexedAs: null,
    explanation: explain ? explainSamePackets(matches, stages) : null,
    evidence: null,
    frames: 0,
    coverage: null,
  };
}
