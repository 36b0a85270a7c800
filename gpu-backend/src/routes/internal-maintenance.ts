// PUT /internal/maintenance/{job_id}: start or attach, answered with NDJSON. GET: attach, and never start. DELETE:
// stop where that leaves nothing half done.

import { type MaintenanceResult, maintenanceRequestSchema } from "@twinframe/shared/contract";
import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import type { Maintenance } from "../maintenance/maintain.ts";
import { sendEvents } from "./event-stream.ts";

const PATH = "/internal/maintenance/:id";
type Named = { Params: { id: string } };

const unknown = () =>
  new ProblemError("job_not_found", "No maintenance by that id is known; it may have ended long ago.");

export function internalMaintenanceRoutes(app: FastifyInstance, maintenance: Maintenance): void {
  app.put<Named>(PATH, async (request, reply) => {
    const parsed = maintenanceRequestSchema.safeParse(request.body);
    if (!parsed.success) throw problemOfZodError(parsed.error);
    return sendEvents(reply, (listener) =>
      maintenance.startOrAttach(request.params.id, parsed.data, listener),
    );
  });

  app.get<Named>(PATH, async (request, reply) =>
    sendEvents<MaintenanceResult>(reply, (listener) => {
      const leave = maintenance.attach(request.params.id, listener);
      if (leave === null) throw unknown();
      return leave;
    }),
  );

  app.delete<Named>(PATH, async (request, reply) => {
    if (!maintenance.cancel(request.params.id)) throw unknown();
    return reply.code(204).send();
  });
}
