// PUT /internal/maintenance/{job_id}: start or attach, answered with NDJSON. GET: attach, and never start. DELETE:
// stop where that leaves nothing half done.

import { type MaintenanceResult, maintenanceRequestSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import type { Maintenance } from "../maintenance/maintain.ts";
import { idParams, withSchemas } from "../plugins/request-schemas.ts";
import { sendEvents } from "./event-stream.ts";

const PATH = "/internal/maintenance/:id";

const unknown = () =>
  new ProblemError("job_not_found", "No maintenance by that id is known; it may have ended long ago.");

export function internalMaintenanceRoutes(app: FastifyInstance, maintenance: Maintenance): void {
  const routes = withSchemas(app);

  const start = { schema: { params: idParams, body: maintenanceRequestSchema } };
  routes.put(PATH, start, async ({ params, body }, reply) =>
    sendEvents(reply, (listener) => maintenance.startOrAttach(params.id, body, listener)),
  );

  routes.get(PATH, { schema: { params: idParams } }, async (request, reply) =>
    sendEvents<MaintenanceResult>(reply, (listener) => {
      const leave = maintenance.attach(request.params.id, listener);
      if (leave === null) throw unknown();
      return leave;
    }),
  );

  routes.delete(PATH, { schema: { params: idParams } }, async (request, reply) => {
    if (!maintenance.cancel(request.params.id)) throw unknown();
    return reply.code(204).send();
  });
}
