// A question from request to answer: wait for a slot, read what it is about, answer, leave nothing behind.

import type { Answer, IndexExpectation, Question } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { requireExpected } from "../index/expectation.ts";
import type { ObjectStore } from "../storage/index.ts";
import { ConcurrencyLimiter, type SlotLimits } from "../work/concurrency-limiter.ts";
import type { Isolation } from "../work/isolation.ts";
import type { RunTransientTask } from "../work/transient-tasks.ts";
import { comparePair } from "./compare-pair.ts";
import { descriptorsThroughout } from "./descriptors.ts";
import { libraryKey } from "./library-key.ts";
import { StageClock } from "./progress.ts";
import { searchLibrary } from "./search-library.ts";
import { type Stages, type StagesSource, withDeadline } from "./stages.ts";
import { readSubject, type SubjectOptions } from "./subject.ts";

export interface AnswererOptions extends Omit<SubjectOptions, "stages"> {
  source: StagesSource;
  objects: ObjectStore | null;
  /** Shared by all that decodes. */
  slots: ConcurrencyLimiter;
  isolation: Isolation;
  slotLimits: SlotLimits;
}

/** Of objects that are only read: they need no core for long. */
const DIGESTS_AT_ONCE = 8;

type ToDecode = Exclude<Question, { kind: "digest" }>;

export function questionAnswerer(options: AnswererOptions): RunTransientTask {
  const { source, objects, slots, isolation, slotLimits } = options;
  const digests = new ConcurrencyLimiter({ ...slotLimits, maxRunning: DIGESTS_AT_ONCE });
  return (_id, { tenant, question, index: expected, crashes = 0 }, onProgress, signal) => {
    const asker = { tenant, urgency: "interactive" as const };
    if (question.kind === "digest")
      return digests.run(asker, () => digest(question, objects, signal), signal);
    const work = async () => {
      signal.throwIfAborted();
      using held = await source.hold();
      const stages = withDeadline(held.stages);
      const requireIndex = () => requireIndexOf(tenant, question, expected, stages);
      await requireIndex();
      const told = await answer(tenant, question, { ...options, stages }, new StageClock(onProgress), signal);
      // It may have been replaced while it was asked.
      await requireIndex();
      return told;
    };
    return isolation.run(crashes, signal, (gated) => slots.run(asker, gated, signal), work);
  };
}

const asksOfReferences = (question: ToDecode) =>
  question.kind === "search" ||
  (question.kind === "comparison" && [question.a, question.b].some(({ kind }) => kind === "reference"));

async function requireIndexOf(
  tenant: string,
  question: ToDecode,
  expected: IndexExpectation | undefined,
  { index }: Stages,
): Promise<void> {
  if (!asksOfReferences(question)) return;
  if (expected === undefined || (question.kind === "search" && expected.library === undefined))
    throw new ProblemError("invalid_request", "Say in index what the question expects of the index.");
  const library = question.kind === "search" ? libraryKey(tenant, question.library) : "";
  await requireExpected(index, library, expected, (installation) => index.assignTo(installation));
}

async function answer(
  tenant: string,
  question: ToDecode,
  options: SubjectOptions,
  clock: StageClock,
  signal: AbortSignal,
): Promise<Answer> {
  const { stages } = options;
  const { id, version } = stages.embedder.manifest;
  if (question.kind === "description") {
    const { track } = await readSubject(tenant, question.video, options, clock, signal);
    const frames = descriptorsThroughout(track, stages.index.dims);
    return { kind: "description", model: { id, version }, frames };
  }
  if (question.kind === "comparison") {
    const a = await readSubject(tenant, question.a, options, clock, signal);
    const b = await readSubject(tenant, question.b, options, clock, signal);
    return comparePair(a, b, stages, clock);
  }
  const query = await readSubject(tenant, question.query, options, clock, signal);
  const isReference = question.query.kind === "reference" && question.query.library === question.library;
  const exceptId = isReference ? (question.query as { reference_id: string }).reference_id : null;
  const library = libraryKey(tenant, question.library);
  const found = await searchLibrary(library, query, { size: question.size, exceptId }, stages, clock);
  return { kind: "search", found };
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
