import type { Explanation } from "@twinframe/shared/contract";
import type { CheckJob } from "./check-job.ts";
import type { StoredResult } from "./store/check-row.ts";

export interface CompletedCheck {
  job: CheckJob;
  result: StoredResult;
  completedAt: string;
  /** Null unless it was asked for. */
  explanation: Explanation | null;
}
