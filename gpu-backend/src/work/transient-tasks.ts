// TransientTasks are started or attached to, like analyses. What they are about changes: an outcome that was heard is
// forgotten, and one that nobody waited for is kept just long enough to be asked for again.

import type { Answer, QuestionRequest, QuestionSubject } from "@twinframe/shared/contract";
import { type RunWork, TaskRegistry } from "./task-registry.ts";

export type RunTransientTask = RunWork<QuestionRequest, Answer>;

const KEEP_UNHEARD_MS = 2 * 60_000;
/** Answers have up to a few megabytes. */
const KEEP_UNHEARD = 32;

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
    const large = { most: KEEP_UNHEARD, isLarge: () => true };
    super(run, onFailure, { identityOf, keepEndedMs: KEEP_UNHEARD_MS, forgetHeard: true, large });
  }
}
