export interface ReferenceRow {
  tenant: string;
  library: string;
  id: string;
  sha256: string;
  status: "indexing" | "ready";
  job_id: string;
  acknowledged: number;
  object_key: string | null;
  source: string;
  duration_s: number | null;
  seen_s: number | null;
  frames: number | null;
  packets_sha256: string | null;
  metadata: string;
  created_at: string;
  updated_at: string;
  /** Set: out of all verdicts. */
  disabled_at: string | null;
  /** Odd while it is disabled; what of it the index has been told. */
  availability: number;
  availability_told: number;
  /** Of an indexing one: how often it has failed in a way that may pass, and when it is due again. */
  failures: number;
  due_at: string | null;
}

export interface DeletedReferenceRow {
  tenant: string;
  library: string;
  id: string;
  job_id: string;
  object_key: string | null;
}
