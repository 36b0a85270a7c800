// `--out`: what was found, one row a segment.

import type { CheckedQuery } from "./check-set.ts";
import { csvLine } from "./csv.ts";
import { shippedVerdict } from "./verdicts.ts";

const COLUMNS = "query_id,ref_id,score,query_start,query_end,ref_start,ref_end,verdict";
/** References a query. */
const BEST = 10;

export function matchesCsv(checked: readonly CheckedQuery[]): string {
  let text = csvLine(COLUMNS.split(","));
  for (const { queryId, matches } of checked)
    for (const match of matches.slice(0, BEST))
      for (const { query, reference } of match.visual.segments)
        text += csvLine([
          queryId,
          match.reference_id,
          match.score,
          query.start_s,
          query.end_s,
          reference.start_s,
          reference.end_s,
          shippedVerdict(match),
        ]);
  return text;
}
