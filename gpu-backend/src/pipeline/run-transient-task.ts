// A transient task (a search, a comparison, a description or a digest) from request to answer: waits for the concurrency
// limiter, reads its subjects, answers, keeps nothing.

import type { Answer, IndexExpectation, Question } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { requireExpected } from "../index/expectation.ts";
import type { ObjectStore } from "../storage/index.ts";
import { ConcurrencyLimiter, type LimiterSettings } from "../work/concurrency-limiter.ts";
import { StageClock } from "../work/stage-clock.ts";
import type { RunTransientTask } from "../work/transient-tasks.ts";
import type { WorkContext } from "../work/work-context.ts";
import { comparePair } from "./compare-pair.ts";
import { descriptorsThroughout } from "./descriptors.ts";
import { libraryKey } from "./library-key.ts";
import type { RunnerOptions } from "./run-analysis.ts";
import { searchLibrary } from "./search-library.ts";
import { type Stages, withDeadline } from "./stages.ts";
import { readSubject, type SubjectReader } from "./task-subject.ts";

export interface TransientRunnerOptions extends RunnerOptions {
  objects: ObjectStore | null;
  limiterSettings: LimiterSettings;
}

/** Of objects that are only read: they need no core for long. */
const DIGESTS_AT_ONCE = 8;

type DecodingTask = Exclude<Question, { kind: "digest" }>;

/** What a task asks, and of which tenant's libraries. */
interface TenantTask {
  tenant: string;
  task: DecodingTask;
}

export function transientTaskRunner(options: TransientRunnerOptions): RunTransientTask {
  const { source, objects, limiter, isolation, limiterSettings } = options;
  const digests = new ConcurrencyLimiter({ ...limiterSettings, maxRunning: DIGESTS_AT_ONCE });
  return (_id, { tenant, question: task, index: expected, crashes = 0 }, onProgress, signal) => {
    const requester = { tenant, urgency: "interactive" as const };
    if (task.kind === "digest") return digests.run(requester, () => digest(task, objects, signal), signal);
    const work = async () => {
      signal.throwIfAborted();
      using held = await source.hold();
      const stages = withDeadline(held.stages);
      const requireIndex = () => requireIndexOf({ tenant, task }, expected, stages);
      await requireIndex();
      const context = { clock: new StageClock(onProgress), signal };
      const answer = await answerTo({ tenant, task }, stages, { ...options, stages }, context);
      // The index may have been replaced meanwhile.
      await requireIndex();
      return answer;
    };
    return isolation.run(crashes, signal, (gated) => limiter.run(requester, gated, signal), work);
  };
}

const readsReferences = (task: DecodingTask) =>
  task.kind === "search" ||
  (task.kind === "comparison" && [task.a, task.b].some(({ kind }) => kind === "reference"));

async function requireIndexOf(
  { tenant, task }: TenantTask,
  expected: IndexExpectation | undefined,
  { index }: Pick<Stages, "index">,
): Promise<void> {
  if (!readsReferences(task)) return;
  if (expected === undefined || (task.kind === "search" && expected.library === undefined))
    throw new ProblemError("invalid_request", "Say in index what the question expects of the index.");
  const library = task.kind === "search" ? libraryKey(tenant, task.library) : "";
  await requireExpected(index, library, expected);
}

async function answerTo(
  { tenant, task }: TenantTask,
  stages: Stages,
  reader: SubjectReader,
  context: WorkContext,
): Promise<Answer> {
  const { id, version } = stages.embedder.manifest;
  if (task.kind === "description") {
    const { track } = await readSubject(tenant, task.video, reader, context);
    const frames = descriptorsThroughout(track, stages.index.dims);
    return { kind: "description", model: { id, version }, frames };
  }
  if (task.kind === "comparison") {
    const a = await readSubject(tenant, task.a, reader, context);
    const b = await readSubject(tenant, task.b, reader, context);
    return comparePair({ a, b }, stages, context);
  }
  const query = await readSubject(tenant, task.query, reader, context);
  const isReference = task.query.kind === "reference" && task.query.library === task.library;
  const exceptId = isReference ? (task.query as { reference_id: string }).reference_id : null;
  const search = { library: libraryKey(tenant, task.library), size: task.size, exceptId };
  return { kind: "search", found: await searchLibrary(query, search, stages, context) };
}

async function digest(
  { bucket, key, max_bytes }: Extract<Question, { kind: "digest" }>,
  objects: ObjectStore | null,
  signal: AbortSignal,
): Promise<Answer> {
  if (objects === null)
    throw new ProblemError("source_address_refused", "This service has no object store configured.");
  const { sha256, bytes, head } = await objects.digest({ bucket, key }, { maxBytes: max_bytes, signal });
  return { kind: "digest", sha256, bytes, head_base64: Buffer.from(head).toString("base64") };
}
