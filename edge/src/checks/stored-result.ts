import type { AnalysisResult } from "@twinframe/shared/contract";
import type { CheckJob } from "./check-job.ts";
import type { StoredResult } from "./store/check-row.ts";
import type { Told } from "./verdict.ts";

export type Finding = Pick<StoredResult, "found_by" | "query" | "indexed_as" | "model"> & {
  stages: AnalysisResult["timings_ms"];
};

export function resultOf(job: CheckJob, told: Told, finding: Finding): StoredResult {
  const { probe = 0, decode = 0, embed = 0, search = 0, align = 0 } = finding.stages;
  return {
    ...told,
    found_by: told.matches.length === 0 ? null : finding.found_by,
    query: finding.query,
    indexed_as: finding.indexed_as,
    timings_ms: {
      intake: job.received?.intakeMs ?? 0,
      probe,
      decode,
      embed,
      search,
      align,
      total: Date.now() - Date.parse(job.createdAt),
    },
    model: finding.model,
  };
}
