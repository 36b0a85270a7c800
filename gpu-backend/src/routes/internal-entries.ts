// The index's entries: page by page, by key, and a tenant's all at once out of it.

import {
  entryLookUpSchema,
  generationNameSchema,
  installationSchema,
  MOST_ENTRIES,
  nameSchema,
  type TenantRemoval,
} from "@twinframe/shared/contract";
import { problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { requireOwnOrUnclaimed } from "../index/expectation.ts";
import { entryPage, lookUpEntries, positionOf } from "../maintenance/entries.ts";
import type { StagesSource } from "../pipeline/stages.ts";

const pageSchema = z.strictObject({
  generation: generationNameSchema,
  after: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ENTRIES).default(MOST_ENTRIES),
});

const removalSchema = z.strictObject({ installation: installationSchema });

export function internalEntriesRoutes(app: FastifyInstance, source: StagesSource): void {
  app.get("/internal/index/entries", async (request) => {
    const query = pageSchema.safeParse(request.query);
    if (!query.success) throw problemOfZodError(query.error);
    const { generation, after, limit } = query.data;
    const position = after === undefined ? null : positionOf(after);
    using held = await source.hold(generation);
    return await entryPage(held.stages.index, position, limit);
  });

  app.post("/internal/index/entries/look-up", async (request) => {
    const body = entryLookUpSchema.safeParse(request.body);
    if (!body.success) throw problemOfZodError(body.error);
    const { generation, keys } = body.data;
    using held = await source.hold(generation);
    return { entries: await lookUpEntries(held.stages.index, keys) };
  });

  app.delete<{ Params: { tenant: string } }>("/internal/tenants/:tenant", async (request) => {
    const tenant = nameSchema.safeParse(request.params.tenant);
    if (!tenant.success) throw problemOfZodError(tenant.error);
    const query = removalSchema.safeParse(request.query);
    if (!query.success) throw problemOfZodError(query.error);
    using held = await source.allGenerations();
    for (const { index } of held.all)
      requireOwnOrUnclaimed(await index.installation(), query.data.installation);
    let removed = 0;
    for (const { index } of held.all) removed = Math.max(removed, await index.deleteTenant(tenant.data));
    return { removed } satisfies TenantRemoval;
  });
}
