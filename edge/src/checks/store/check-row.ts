import type {
  Action,
  CheckReason,
  CheckStatus,
  CheckTimings,
  FoundBy,
  Match,
  ModelIdentity,
  TimeRange,
  Verdict,
} from "@twinframe/shared/contract";

export interface CheckRow {
  id: string;
  tenant: string;
  library: string;
  status: CheckStatus;
  request: string;
  source_url: string | null;
  sha256: string | null;
  bytes: number | null;
  object_key: string | null;
  intake_ms: number | null;
  /** What its analysis began with; null before that. */
  policy: string | null;
  result: string | null;
  problem: string | null;
  /** That of the result. */
  verdict: Verdict | null;
  /** The decision in force, as JSON. */
  decision: string | null;
  /** Of an unfinished one: how often it has failed in a way that may pass, and when it is due again. */
  failures: number;
  due_at: string | null;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
}

/** The column `result` of a completed check: what the API answers besides the row's own columns. */
export interface StoredResult {
  verdict: Verdict;
  /** Absent from checks of before there were reasons. */
  reason?: CheckReason | null;
  action: Action;
  policy_version: number;
  is_duplicate: boolean;
  duplicate_for: string;
  found_by: FoundBy | null;
  /** `seen_s` and `gaps` are absent from checks of before they were kept. */
  query: {
    sha256: string;
    duration_s: number | null;
    seen_s?: number | null;
    gaps?: TimeRange[];
    frames: number | null;
  };
  matches: Match[];
  indexed_as: string | null;
  timings_ms: CheckTimings;
  model: ModelIdentity | null;
}
