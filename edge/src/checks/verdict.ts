// A check's verdict from its matches, its coverage and the policy. What was not seen whole is never `unique`.

import {
  bestVerdict,
  byStrength,
  type CheckReason,
  type Coverage,
  isFullySeen,
  type Match,
  type Verdict,
  type VersionedPolicy,
} from "@twinframe/shared/contract";
import type { StoredResult } from "./store/check-row.ts";

/** More would say nothing new, and the row must fit into D1. */
const MAX_MATCHES = 50;

export interface Judged {
  matches: readonly Match[];
  /** Null when the bytes were known, or their verdict. */
  coverage: Coverage | null;
  /** Streams of pictures in the file. */
  streams: number;
  /** The reference that the check made of its video, which was then seen whole. */
  indexedAs: string | null;
  mayIndex: boolean;
}

export type Told = Pick<
  StoredResult,
  "verdict" | "reason" | "action" | "policy_version" | "is_duplicate" | "duplicate_for" | "matches"
>;

export function verdictOf(judged: Judged, policy: VersionedPolicy): Told {
  const matches = judged.matches.toSorted(byStrength).slice(0, MAX_MATCHES);
  const { verdict, reason } = decided(bestVerdict(matches), judged);
  const isDuplicate = verdict === "duplicate";
  return {
    verdict,
    reason,
    matches,
    action: policy.actions[verdict],
    policy_version: policy.version,
    is_duplicate: isDuplicate,
    duplicate_for: isDuplicate ? matches[0]!.reference_id : "",
  };
}

function decided(
  found: Verdict,
  { coverage, indexedAs, streams, mayIndex }: Judged,
): { verdict: Verdict; reason: CheckReason | null } {
  if (found !== "unique" || indexedAs !== null) return { verdict: found, reason: null };
  if (coverage === null || !isFullySeen(coverage)) return { verdict: "review", reason: "not_fully_seen" };
  return { verdict: "unique", reason: mayIndex && streams > 1 ? "several_streams" : null };
}
