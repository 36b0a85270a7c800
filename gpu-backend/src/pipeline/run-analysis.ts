// An analysis from request to result: waits for the concurrency limiter, fetches the video, analyses it, deletes it.

import type { AnalysisRequest, AnalysisResult } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { requireExpected } from "../index/expectation.ts";
import { inspectVideo } from "../media/index.ts";
import type { VideoStore } from "../storage/index.ts";
import type { RunAnalysis } from "../work/analyses.ts";
import type { ConcurrencyLimiter } from "../work/concurrency-limiter.ts";
import type { Requester } from "../work/fair-queue.ts";
import type { Isolation } from "../work/isolation.ts";
import { KeyedMutex } from "../work/keyed-mutex.ts";
import { StageClock } from "../work/stage-clock.ts";
import type { WorkContext } from "../work/work-context.ts";
import { noteBytes } from "../work/work-record.ts";
import { analyse } from "./analyse.ts";
import type { VideoToAnalyse } from "./analysis.ts";
import { entryOfTask, findEarlierResult } from "./earlier-result.ts";
import { newReferenceOf } from "./index-reference.ts";
import { libraryKey } from "./library-key.ts";
import { type Stages, type StagesSource, withDeadline } from "./stages.ts";
import { writeReference } from "./write-reference.ts";
import { findWritten } from "./write-to-generation.ts";

export interface RunnerOptions {
  source: StagesSource;
  store: VideoStore;
  /** Where fetched videos lie while they are analysed. */
  directory: string;
  maxVideoBytes: number;
  /** Shared by all work that decodes. */
  limiter: ConcurrencyLimiter;
  isolation: Isolation;
}

export function analysisRunner(options: RunnerOptions): RunAnalysis {
  const { source, store, directory, maxVideoBytes, limiter, isolation } = options;
  const libraryMutex = new KeyedMutex();
  return (id, request, onProgress, signal) => {
    const work = async (): Promise<AnalysisResult> => {
      signal.throwIfAborted();
      const { sha256, task } = request;
      const generation = task.kind === "reference" ? task.generation : undefined;
      using held = await source.hold(generation);
      const stages = judgingBy(request, held.stages);
      const library = libraryKey(request.tenant, request.library);
      await requireIndex(request, library, stages);
      const written = generation === undefined ? null : await findWritten(entryName(id, request), stages);
      if (written) return written;
      const earlier = generation === undefined ? await findEarlierResult(id, request, stages) : null;
      if (earlier?.isEverywhere) return await withEpoch(earlier.result, library, stages);
      const context = { clock: new StageClock(onProgress), signal, libraryMutex };
      const fetched = await context.clock.time("fetch", () =>
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
      if (earlier)
        return await withEpoch(
          await completeWrite(video, earlier.result, withDeadline(stages), context),
          library,
          stages,
        );
      const result = await analyse(video, withDeadline(stages), context);
      // The index may have been replaced meanwhile.
      await requireIndex(request, library, stages);
      return generation === undefined ? await withEpoch(result, library, stages) : result;
    };
    const limited = (gated: typeof work) => limiter.run(requesterOf(request), gated, signal);
    return isolation.run(request.crashes ?? 0, signal, limited, work);
  };
}

/** A check's urgency is its caller's: for a check from the queue nobody waits. */
function requesterOf({ tenant, task, interactive }: AnalysisRequest): Requester {
  if (task.kind === "check") return { tenant, urgency: interactive ? "interactive" : "queued_check" };
  return { tenant, urgency: task.generation === undefined ? "reference" : "maintenance" };
}

/** Throws unless the index is the expected one; a check must state what it expects of its library. */
async function requireIndex(
  { task, index: expected }: AnalysisRequest,
  library: string,
  { index }: Pick<Stages, "index">,
): Promise<void> {
  if (task.kind === "check" && expected.library === undefined)
    throw new ProblemError("invalid_request", "Say in index.library what the check expects of the index.");
  await requireExpected(index, library, expected);
}

/** With the library's epoch, for a result that was made durable. */
async function withEpoch(
  result: AnalysisResult,
  library: string,
  { index }: Pick<Stages, "index">,
): Promise<AnalysisResult> {
  if (result.indexed_as === null) return result;
  const { epoch } = await index.standing(library);
  return { ...result, index: { epoch } };
}

/** The stages with the thresholds that the request brings; without any, the backend's own. */
const judgingBy = ({ policy }: AnalysisRequest, stages: Stages): Stages =>
  policy ? { ...stages, policy: policy.visual } : stages;

function entryName(analysisId: string, { tenant, library, task }: AnalysisRequest) {
  const { id, jobId } = entryOfTask(task, analysisId);
  return { library: libraryKey(tenant, library), id: id as string, jobId };
}

/** Continues a write that was interrupted between two generations: the entry goes into those that lack it. */
async function completeWrite(
  video: VideoToAnalyse,
  result: AnalysisResult,
  stages: Stages,
  context: WorkContext & { signal: AbortSignal },
): Promise<AnalysisResult> {
  const { clock, signal } = context;
  const { probed, packetsSha256 } = await clock.time("probe", () =>
    inspectVideo(video.file, stages.limits, signal),
  );
  const reference = newReferenceOf(video, { probed, packetsSha256: await packetsSha256 });
  await writeReference(reference, null, stages, context);
  return { ...result, timings_ms: clock.timingsMs };
}
