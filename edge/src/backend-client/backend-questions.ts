// Questions to the backend that leave nothing behind. The same question has the same id, so that asking again
// attaches to the one under way.

import type { ReferenceKey } from "@twinframe/shared/contract";
import {
  type Answer,
  type AnswerTo,
  answerEventSchema,
  backendDescriptorsPath,
  type DescriptorSlice,
  descriptorSliceSchema,
  type Question,
  type QuestionRequest,
  questionPath,
} from "@twinframe/shared/contract";
import type { ProblemError } from "@twinframe/shared/problem";
import { sha256Hex } from "@twinframe/shared/signing";
import type { Configuration } from "../platform/configuration.ts";
import { inSpan } from "../platform/telemetry/operation.ts";
import { backendUnavailable } from "./backend-unavailable.ts";
import { actionable, call, problemOf } from "./request.ts";
import { type Recovery, startOrAttach } from "./start-or-attach.ts";

type RequestOf<Kind extends Question["kind"]> = Omit<QuestionRequest, "question"> & {
  question: Extract<Question, { kind: Kind }>;
};

/** Of a digest these are said of the user's object, not of one that we have put somewhere. */
const OF_THE_SOURCE: readonly string[] = ["source_failed", "source_timeout"];

function thrownFor(question: Question, problem: ProblemError): ProblemError {
  return question.kind === "digest" && OF_THE_SOURCE.includes(problem.code) ? problem : actionable(problem);
}

/** The same for the same question of the same tenant. */
export const questionId = async (tenant: string, identity: readonly unknown[]): Promise<string> =>
  `qst_${await sha256Hex(JSON.stringify([tenant, ...identity]))}`;

/** `identity`: what makes two questions of a tenant the same. Leaves it running when interrupted. */
export const askBackend = <Kind extends Question["kind"]>(
  config: Configuration,
  request: RequestOf<Kind>,
  identity: readonly unknown[],
  signal?: AbortSignal,
  recovery?: Recovery,
): Promise<AnswerTo<Kind>> =>
  inSpan(
    "question",
    { "twinframe.kind": request.question.kind },
    () => answerTo(config, request, identity, signal, recovery),
    "client",
  );

async function answerTo<Kind extends Question["kind"]>(
  config: Configuration,
  request: RequestOf<Kind>,
  identity: readonly unknown[],
  signal: AbortSignal | undefined,
  recovery: Recovery | undefined,
): Promise<AnswerTo<Kind>> {
  const { tenant, question } = request;
  const path = questionPath(await questionId(tenant, identity));
  const answer = await startOrAttach(config, { path, request, signal }, answerEventSchema, {
    thrownFor: (problem) => thrownFor(question, problem),
    recovery,
  });
  return ofKind<Kind>(answer, question.kind as Kind);
}

function ofKind<Kind extends Question["kind"]>(answer: Answer, kind: Kind): AnswerTo<Kind> {
  if (answer.kind !== kind) throw backendUnavailable(`an answer to another question: ${answer.kind}`);
  return answer as AnswerTo<Kind>;
}

/** A reference's vectors from frame `offset` on; null when the index does not have it. */
export async function descriptorSlice(
  config: Configuration,
  { tenant, library, id }: ReferenceKey,
  slice: { offset: number; limit: number },
): Promise<DescriptorSlice | null> {
  const path = backendDescriptorsPath([tenant, library, id], slice);
  const response = await call(config, { method: "GET", path });
  if (response.status === 200) {
    const parsed = descriptorSliceSchema.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw backendUnavailable(parsed.error);
  }
  const problem = await problemOf(response);
  if (problem.code === "reference_not_found") return null;
  throw problem;
}
