// What the index is made of: its generations and snapshots. All of it is short work; what takes long is in
// internal-maintenance.ts.

import {
  assignIndexSchema,
  entryChangesSchema,
  generationNameSchema,
  type IndexedAt,
  liveGenerationSchema,
  newGenerationSchema,
  snapshotIdSchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Generations } from "../generations/generations.ts";
import { overviewOf, snapshotView } from "../maintenance/overview.ts";
import { changeEntries } from "../pipeline/change-entries.ts";
import { withSchemas } from "../plugins/request-schemas.ts";

const generationParams = z.object({ name: generationNameSchema });
const snapshotParams = z.object({ id: snapshotIdSchema });

export function internalIndexRoutes(app: FastifyInstance, generations: Generations): void {
  const routes = withSchemas(app);
  const { indexStore } = generations;

  routes.get("/internal/index", () => overviewOf(generations));

  routes.post(
    "/internal/index/generations",
    { schema: { body: newGenerationSchema } },
    async (request, reply) => {
      const isNew = await generations.create(request.body);
      return reply.code(isNew ? 201 : 200).send(await overviewOf(generations));
    },
  );

  routes.delete(
    "/internal/index/generations/:name",
    { schema: { params: generationParams } },
    async (request, reply) => {
      await generations.drop(request.params.name);
      return reply.code(204).send();
    },
  );

  routes.put("/internal/index/live", { schema: { body: liveGenerationSchema } }, async (request) => {
    await generations.switchTo(request.body.name);
    return overviewOf(generations);
  });

  routes.put("/internal/index/installation", { schema: { body: assignIndexSchema } }, async (request) => {
    const { installation, replaces } = request.body;
    await generations.assignTo(installation, replaces);
    return overviewOf(generations);
  });

  routes.post("/internal/index/changes", { schema: { body: entryChangesSchema } }, async (request) => {
    using held = await generations.hold();
    return { epoch: await changeEntries(request.body, held.stages) } satisfies IndexedAt;
  });

  routes.get("/internal/index/snapshots", async () => ({
    snapshots: (await indexStore.snapshots()).map(snapshotView),
  }));

  routes.delete(
    "/internal/index/snapshots/:id",
    { schema: { params: snapshotParams } },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await indexStore.deleteSnapshot(id)))
        throw new ProblemError("snapshot_not_found", `There is no snapshot "${id}".`);
      return reply.code(204).send();
    },
  );
}
