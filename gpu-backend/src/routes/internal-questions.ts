// PUT /internal/questions/{id}: ask or attach, answered with NDJSON.

import { questionRequestSchema } from "@twinframe/shared/contract";
import type { FastifyInstance } from "fastify";
import { idParams, withSchemas } from "../plugins/request-schemas.ts";
import type { TransientTasks } from "../work/transient-tasks.ts";
import { sendEvents } from "./event-stream.ts";

export function internalQuestionsRoutes(app: FastifyInstance, questions: TransientTasks): void {
  const ask = { schema: { params: idParams, body: questionRequestSchema } };
  withSchemas(app).put("/internal/questions/:id", ask, async ({ params, body }, reply) =>
    sendEvents(reply, (listener) => questions.startOrAttach(params.id, body, listener)),
  );
}
