// A question asked over HTTP: its videos received, the backend asked, nothing left behind. It is not written down:
// a client that does not hear the answer asks again.

import type { AnswerTo, IndexExpectation, Question, QuestionSubject } from "@twinframe/shared/contract";
import { askBackend, questionId } from "../backend-client/backend-questions.ts";
import { CrashCount } from "../backend-client/crash-count.ts";
import { stillAtWork } from "../backend-client/still-at-work.ts";
import { dropObject, dropObjectLater } from "../ingest/drop-object.ts";
import { Interrupted, signalAfter } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { type AskedVideo, type ReadSubject, readSubject } from "./subject.ts";

export interface Asking {
  tenant: string;
  waitMs: number;
}

type QuestionOf<Kind extends Question["kind"]> = Extract<Question, { kind: Kind }>;

interface AskedQuestion<Kind extends Question["kind"]> {
  question: QuestionOf<Kind>;
  /** What makes it the same question beside its videos. */
  identity: readonly unknown[];
  /** Of the index, where it is asked. */
  index?: IndexExpectation;
}

/** Problems: those of intake, `reference_not_found`, the backend's, and `analysis_timeout` when the wait is over. */
export async function answered<Kind extends Question["kind"]>(
  context: RequestContext,
  { tenant, waitMs }: Asking,
  videos: readonly AskedVideo[],
  questionOf: (subjects: QuestionSubject[]) => AskedQuestion<Kind>,
): Promise<AnswerTo<Kind>> {
  const wait = signalAfter(waitMs);
  let drop: typeof dropObjectLater = dropObject;
  let subjects: ReadSubject[] = [];
  try {
    subjects = await readAll(context, tenant, videos, wait.signal);
    const { question, identity, index } = questionOf(subjects.map(({ subject }) => subject));
    const all = [question.kind, ...identity, ...subjects.map((read) => read.identity)];
    const recovery = await CrashCount.of(context, { tenant, work: await questionId(tenant, all) }, null);
    const request = { tenant, question, ...(index ? { index } : {}) };
    const answer = await askBackend<Kind>(context.config, request, all, wait.signal, recovery);
    await recovery.ended();
    return answer;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    // The backend goes on, and may not have read them yet.
    drop = dropObjectLater;
    throw stillAtWork();
  } finally {
    wait.clear();
    for (const { objectKey } of subjects) if (objectKey !== null) drop(context, objectKey);
  }
}

/** At once; when one fails, the others' objects go. */
async function readAll(
  context: RequestContext,
  tenant: string,
  videos: readonly AskedVideo[],
  signal: AbortSignal,
): Promise<ReadSubject[]> {
  const outcomes = await Promise.allSettled(
    videos.map((video) => readSubject(context, tenant, video, signal)),
  );
  const read = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed === undefined) return read;
  for (const { objectKey } of read) dropObject(context, objectKey);
  throw failed.reason;
}
