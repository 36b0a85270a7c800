// The result of an analysis that was interrupted after it had made its reference durable: done already, not a copy of
// itself.

import type { AnalysisRequest, AnalysisResult, AnalysisTask } from "@twinframe/shared/contract";
import type { ReferenceRecord } from "../index/reference-record.ts";
import { explainFinishedBefore } from "./explain/explain-exact.ts";
import { libraryKey } from "./library-key.ts";
import type { JudgeStage, SearchStage, WriteStage } from "./stages.ts";

export interface EarlierResult {
  result: AnalysisResult;
  /** Whether every generation has it. */
  isEverywhere: boolean;
}

/** Under which id a task's video joins the library, if it may, and the job that the entry names. */
export function entryOfTask(task: AnalysisTask, analysisId: string): { id: string | null; jobId: string } {
  return task.kind === "reference"
    ? { id: task.reference_id, jobId: task.as_job_id ?? analysisId }
    : { id: task.index_as, jobId: analysisId };
}

export async function findEarlierResult(
  analysisId: string,
  { tenant, library, task }: AnalysisRequest,
  stages: JudgeStage & WriteStage,
): Promise<EarlierResult | null> {
  const { id, jobId } = entryOfTask(task, analysisId);
  if (id === null) return null;
  const key = libraryKey(tenant, library);
  using held = await stages.allGenerations();
  const records = await Promise.all(held.all.map(({ index }) => index.getReference(key, id)));
  const own = records.find((record) => record?.jobId === jobId);
  if (!own) return null;
  // Where the live generation has another entry, that one is newer, and its own writer copies it to the others.
  const isReplaced = records[0] != null && records[0].jobId !== jobId;
  const isEverywhere = isReplaced || records.every((record) => record?.jobId === jobId);
  const explain = task.kind === "check" && task.explain === true;
  return {
    result: {
      ...resultOf(own, stages),
      ...(explain ? { explanation: explainFinishedBefore(id, stages) } : {}),
    },
    isEverywhere,
  };
}

/** Of an entry that is there. */
export function resultOf(
  record: ReferenceRecord,
  { embedder }: Pick<SearchStage, "embedder">,
): AnalysisResult {
  const { id, version } = embedder.manifest;
  return {
    video: {
      sha256: record.sha256,
      packets_sha256: record.packetsSha256,
      duration_s: record.durationS,
      seen_s: record.seenS,
      gaps: [],
      streams: 1,
      frames: record.sampledFrames,
      width: record.width,
      height: record.height,
    },
    model: { id, version },
    found_by: null,
    matches: [],
    indexed_as: record.id,
    timings_ms: {},
  };
}
