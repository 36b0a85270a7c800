// A video that becomes a reference: into all generations of the index, or into one that is filled beside the live one.

import type { AnalysisTask } from "@twinframe/shared/contract";
import type { WorkContext } from "../work/work-context.ts";
import type { Analysis, InspectedVideo, VideoToAnalyse } from "./analysis.ts";
import type { DescribedVideo } from "./describe.ts";
import { entryOfTask } from "./earlier-result.ts";
import type { Findings } from "./findings.ts";
import { refuseNotFullySeen, refuseSeveralStreams } from "./indexable.ts";
import type { DescribeStage, WriteStage } from "./stages.ts";
import { type NewReference, writeReference } from "./write-reference.ts";
import { writeToGeneration } from "./write-to-generation.ts";

type ReferenceTask = Extract<AnalysisTask, { kind: "reference" }>;

export async function indexReference(
  { video, inspected, describing }: Analysis,
  { generation, reference_id }: ReferenceTask,
  stages: DescribeStage & WriteStage,
  context: WorkContext,
): Promise<Findings> {
  const reference = newReferenceOf(video, inspected);
  let described: DescribedVideo | null;
  if (generation === undefined) {
    refuseSeveralStreams(inspected);
    described = await describing.result;
    refuseNotFullySeen(described.coverage);
    await writeReference(reference, described, stages, context);
    // Into one generation alone goes only what has been a reference before.
  } else described = await writeToGeneration(reference, () => describing.result, stages, context);
  return {
    foundBy: null,
    matches: [],
    indexedAs: described ? reference_id : null,
    frames: described?.sampledFrames ?? 0,
    coverage: described?.coverage ?? null,
    explanation: null,
    evidence: null,
  };
}

/** Only of a task that names the reference which the video is to be. */
export function newReferenceOf(
  { jobId: analysisId, library, sha256, file, task }: VideoToAnalyse,
  { probed, packetsSha256 }: Pick<InspectedVideo, "probed" | "packetsSha256">,
): NewReference {
  const { id, jobId } = entryOfTask(task, analysisId);
  return { record: { library, id: id as string, jobId, sha256, packetsSha256 }, file, probed };
}
