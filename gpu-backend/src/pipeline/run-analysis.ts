// An analysis from request to result: wait for a slot, fetch the video, analyse it, leave nothing behind.

import type { AnalysisRequest, AnalysisResult } from "@twinframe/shared/contract";
import { explainFinishedBefore } from "../explain/exact.ts";
import { excluding } from "../index/excluding.ts";
import { noteBytes } from "../observe/work-record.ts";
import type { VideoStore } from "../storage/index.ts";
import { analyse } from "./analyse.ts";
import type { RunAnalysis } from "./analyses.ts";
import { LibraryLock } from "./library-lock.ts";
import { StageClock } from "./progress.ts";
import type { Slots } from "./slots.ts";
import type { Stages } from "./stages.ts";

export interface RunnerOptions {
  stages: Stages;
  store: VideoStore;
  /** Where fetched videos lie while they are analysed. */
  directory: string;
  maxVideoBytes: number;
  /** Shared by all that decodes. */
  slots: Slots;
}

/** Keeps `tenant/library`, the index's name of a library, in one place. */
export function libraryKey(tenant: string, library: string): string {
  return `${tenant}/${library}`;
}

export function analysisRunner(options: RunnerOptions): RunAnalysis {
  const { store, directory, maxVideoBytes, slots } = options;
  const lock = new LibraryLock();
  return (id, request, onProgress, signal) =>
    slots.run(async () => {
      signal.throwIfAborted();
      const stages = judgingBy(request, options.stages);
      const before = await finishedBefore(id, request, stages);
      if (before) return before;
      const clock = new StageClock(onProgress);
      const { sha256, source, task } = request;
      const fetched = await clock.time("fetch", () =>
        store.fetchToFile(source, { directory, maxBytes: maxVideoBytes, expectedSha256: sha256, signal }),
      );
      await using video = fetched;
      noteBytes(video.bytes);
      const library = libraryKey(request.tenant, request.library);
      // Awaited here: the file is gone once this scope is left.
      return await analyse(
        { jobId: id, library, sha256, file: video.file, task },
        { ...stages, index: excluding(stages.index, request.exclude ?? []) },
        lock,
        clock,
        signal,
      );
    });
}

/** The stages with the thresholds that the request brings; without any, the backend's own. */
const judgingBy = ({ policy }: AnalysisRequest, stages: Stages): Stages =>
  policy ? { ...stages, policy: policy.visual } : stages;

/** What this very analysis made durable before it was cut off: done already, not a copy of itself. */
async function finishedBefore(
  id: string,
  { tenant, library, task }: AnalysisRequest,
  stages: Stages,
): Promise<AnalysisResult | null> {
  const { index, embedder } = stages;
  const [referenceId, explain] =
    task.kind === "reference" ? [task.reference_id, false] : [task.index_as, task.explain];
  if (referenceId === null) return null;
  const record = await index.getReference(libraryKey(tenant, library), referenceId);
  if (record?.jobId !== id) return null;
  return {
    video: {
      sha256: record.sha256,
      packets_sha256: record.packetsSha256,
      duration_s: record.durationS,
      frames: record.sampledFrames,
      width: record.width,
      height: record.height,
    },
    model: { id: embedder.manifest.id, version: embedder.manifest.version },
    found_by: null,
    matches: [],
    indexed_as: referenceId,
    timings_ms: {},
    ...(explain ? { explanation: explainFinishedBefore(referenceId, stages) } : {}),
  };
}
