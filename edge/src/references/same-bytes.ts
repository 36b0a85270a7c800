// The reference that has the very bytes of a video, and what it says of that video: a duplicate, from end to end.

import type { Match } from "@twinframe/shared/contract";
import type { RequestContext } from "../platform/request-context.ts";
import type { ReferenceRow } from "./store/reference-row.ts";
import { readyByContent } from "./store/references.ts";

export function sameBytesMatch(row: ReferenceRow): Match {
  const whole = { start_s: 0, end_s: row.duration_s ?? 0 };
  const segment = { query: whole, reference: whole, score: 1, speed: 1, mirrored: false };
  return {
    reference_id: row.id,
    verdict: "duplicate",
    score: 1,
    visual: { query_coverage: 1, reference_coverage: 1, segments: [segment] },
    metadata: JSON.parse(row.metadata),
  };
}

/** Null when no reference of the library that takes part in verdicts has this SHA-256. */
export async function findSameBytes(
  { bindings }: RequestContext,
  { tenant, library, sha256 }: { tenant: string; library: string; sha256: string },
): Promise<Match | null> {
  const row = await readyByContent(bindings.DB, tenant, library, sha256).first<ReferenceRow>();
  return row === null ? null : sameBytesMatch(row);
}
