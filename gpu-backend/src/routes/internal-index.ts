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
import { ProblemError, problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import type { Generations } from "../generations/generations.ts";
import { overviewOf, snapshotView } from "../maintenance/overview.ts";
import { changeEntries } from "../pipeline/change-entries.ts";

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw problemOfZodError(result.error);
  return result.data;
}

export function internalIndexRoutes(app: FastifyInstance, generations: Generations): void {
  const { indexStore } = generations;

  app.get("/internal/index", () => overviewOf(generations));

  app.post("/internal/index/generations", async (request, reply) => {
    const isNew = await generations.create(parsed(newGenerationSchema, request.body));
    return reply.code(isNew ? 201 : 200).send(await overviewOf(generations));
  });

  app.delete<{ Params: { name: string } }>("/internal/index/generations/:name", async (request, reply) => {
    await generations.drop(parsed(generationNameSchema, request.params.name));
    return reply.code(204).send();
  });

  app.put("/internal/index/live", async (request) => {
    await generations.switchTo(parsed(liveGenerationSchema, request.body).name);
    return overviewOf(generations);
  });

  app.put("/internal/index/installation", async (request) => {
    const { installation, replaces } = parsed(assignIndexSchema, request.body);
    await generations.assignTo(installation, replaces);
    return overviewOf(generations);
  });

  app.post("/internal/index/changes", async (request) => {
    const changes = parsed(entryChangesSchema, request.body);
    using held = await generations.hold();
    return { epoch: await changeEntries(changes, held.stages) } satisfies IndexedAt;
  });

  app.get("/internal/index/snapshots", async () => ({
    snapshots: (await indexStore.snapshots()).map(snapshotView),
  }));

  app.delete<{ Params: { id: string } }>("/internal/index/snapshots/:id", async (request, reply) => {
    const id = parsed(snapshotIdSchema, request.params.id);
    if (!(await indexStore.deleteSnapshot(id)))
      throw new ProblemError("snapshot_not_found", `There is no snapshot "${id}".`);
    return reply.code(204).send();
  });
}
