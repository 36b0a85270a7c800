// PUT /internal/questions/{id}: ask or attach, answered with NDJSON.

import { questionRequestSchema } from "@twinframe/shared/contract";
import { problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import type { TransientTasks } from "../work/transient-tasks.ts";
import { sendEvents } from "./event-stream.ts";

export function internalQuestionsRoutes(app: FastifyInstance, questions: TransientTasks): void {
  app.put<{ Params: { id: string } }>("/internal/questions/:id", async (request, reply) => {
    const parsed = questionRequestSchema.safeParse(request.body);
    if (!parsed.success) throw problemOfZodError(parsed.error);
    return sendEvents(reply, (listener) => questions.startOrAttach(request.params.id, parsed.data, listener));
  });
}
