// An analysis from request to result: wait for a slot, fetch the video, analyse it, leave nothing behind.

import type { AnalysisRequest, AnalysisResult } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { requireExpected } from "../index/expectation.ts";
import { inspectVideo } from "../media/index.ts";
import type { VideoStore } from "../storage/index.ts";
import type { RunAnalysis } from "../work/analyses.ts";
import type { ConcurrencyLimiter } from "../work/concurrency-limiter.ts";
import type { Asker } from "../work/fair-queue.ts";
import type { Isolation } from "../work/isolation.ts";
import { KeyedMutex } from "../work/keyed-mutex.ts";
import { noteBytes } from "../work/work-record.ts";
import { analyse, type VideoToAnalyse } from "./analyse.ts";
import { entryOfTask, finishedBefore } from "./finished-before.ts";
import { writtenBefore } from "./into-one-generation.ts";
import { libraryKey } from "./library-key.ts";
import { StageClock } from "./progress.ts";
import { type Stages, type StagesSource, withDeadline } from "./stages.ts";
import { writeReference } from "./write-reference.ts";

export interface RunnerOptions {
  source: StagesSource;
  store: VideoStore;
  /** Where fetched videos lie while they are analysed. */
  directory: string;
  maxVideoBytes: number;
  /** Shared by all that decodes. */
  slots: ConcurrencyLimiter;
  isolation: Isolation;
}

export function analysisRunner(options: RunnerOptions): RunAnalysis {
  const { source, store, directory, maxVideoBytes, slots, isolation } = options;
  const lock = new KeyedMutex();
  return (id, request, onProgress, signal) => {
    const work = async (): Promise<AnalysisResult> => {
      signal.throwIfAborted();
      const { sha256, task } = request;
      const generation = task.kind === "reference" ? task.generation : undefined;
      using held = await source.hold(generation);
      const stages = judgingBy(request, held.stages);
      const library = libraryKey(request.tenant, request.library);
      await requireIndex(request, library, stages);
      const written = generation === undefined ? null : await writtenBefore(nameOf(id, request), stages);
      if (written) return written;
      const before = generation === undefined ? await finishedBefore(id, request, stages) : null;
      if (before?.isEverywhere) return await withEpoch(before.result, library, stages);
      const clock = new StageClock(onProgress);
      const fetched = await clock.time("fetch", () =>
        store.fetchToFile(request.source, {
          directory,
          maxBytes: maxVideoBytes,
          expectedSha256: sha256,
          signal,
        }),
      );
      await using file = fetched;
      noteBytes(file.bytes);
      const video = { jobId: id, library, sha256, file: file.file, task };
      if (before)
        return await withEpoch(
          await finish(video, before.result, withDeadline(stages), clock, signal),
          library,
          stages,
        );
      const result = await analyse(video, withDeadline(stages), lock, clock, signal);
      // It may have been replaced while it was asked.
      await requireIndex(request, library, stages);
      return generation === undefined ? await withEpoch(result, library, stages) : result;
    };
    const inSlot = (gated: typeof work) => slots.run(askerOf(request), gated, signal);
    return isolation.run(request.crashes ?? 0, signal, inSlot, work);
  };
}

/** A check is as urgent as its caller says: one from the queue has nobody waiting for it. */
function askerOf({ tenant, task, interactive }: AnalysisRequest): Asker {
  if (task.kind === "check") return { tenant, urgency: interactive ? "interactive" : "queued_check" };
  return { tenant, urgency: task.generation === undefined ? "reference" : "maintenance" };
}

/** A check is about all references of its library, so it must say which ones it counts on. */
async function requireIndex(
  { task, index }: AnalysisRequest,
  library: string,
  stages: Stages,
): Promise<void> {
  if (task.kind === "check" && index.library === undefined)
    throw new ProblemError("invalid_request", "Say in index.library what the check expects of the index.");
  await requireExpected(stages.index, library, index, (installation) => stages.index.assignTo(installation));
}

/** Of what was made durable: how often the library has been written since. */
async function withEpoch(result: AnalysisResult, library: string, stages: Stages): Promise<AnalysisResult> {
  if (result.indexed_as === null) return result;
  const { epoch } = await stages.index.standing(library);
  return { ...result, index: { epoch } };
}

/** The stages with the thresholds that the request brings; without any, the backend's own. */
const judgingBy = ({ policy }: AnalysisRequest, stages: Stages): Stages =>
  policy ? { ...stages, policy: policy.visual } : stages;

function nameOf(analysisId: string, { tenant, library, task }: AnalysisRequest) {
  const { id, jobId } = entryOfTask(task, analysisId);
  return { library: libraryKey(tenant, library), id: id as string, jobId };
}

/** What was cut off between one generation and the next: the entry is there, and goes into the others. */
async function finish(
  { jobId: analysisId, library, sha256, file, task }: VideoToAnalyse,
  result: AnalysisResult,
  stages: Stages,
  clock: StageClock,
  signal: AbortSignal,
): Promise<AnalysisResult> {
  const { probed, packetsSha256 } = await clock.time("probe", () =>
    inspectVideo(file, stages.limits, signal),
  );
  const { id, jobId } = entryOfTask(task, analysisId);
  const record = { library, id: id as string, jobId, sha256, packetsSha256: await packetsSha256 };
  await writeReference({ record, file, probed }, null, stages, clock, signal);
  return { ...result, timings_ms: clock.timingsMs };
}
