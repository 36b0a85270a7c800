// Transient tasks (searches, comparisons, descriptions, digests) are started or attached to, like analyses. Their
// subjects change: an outcome is forgotten once it was delivered, and one without a listener is kept just long enough to
// be asked for again.

import type { Answer, QuestionRequest, QuestionSubject } from "@twinframe/shared/contract";
import { type RunTask, TaskRegistry } from "./task-registry.ts";

export type RunTransientTask = RunTask<QuestionRequest, Answer>;

const KEEP_UNDELIVERED_MS = 2 * 60_000;
/** Answers have up to a few megabytes. */
const KEEP_UNDELIVERED = 32;

const withoutSource = (subject: QuestionSubject) =>
  subject.kind === "video" ? { ...subject, source: null } : subject;

function identityOf({ tenant, question }: QuestionRequest): string {
  switch (question.kind) {
    case "search":
      return JSON.stringify([tenant, { ...question, query: withoutSource(question.query) }]);
    case "comparison": {
      const [a, b] = [withoutSource(question.a), withoutSource(question.b)];
      return JSON.stringify([tenant, { ...question, a, b }]);
    }
    case "description":
      return JSON.stringify([tenant, { ...question, video: withoutSource(question.video) }]);
    case "digest":
      return JSON.stringify([tenant, question]);
  }
}

export class TransientTasks extends TaskRegistry<QuestionRequest, Answer> {
  constructor(run: RunTransientTask, onFailure: (id: string, error: unknown) => void) {
    const large = { most: KEEP_UNDELIVERED, isLarge: () => true };
    super(run, onFailure, { identityOf, keepEndedMs: KEEP_UNDELIVERED_MS, forgetDelivered: true, large });
  }
}
