// The index's entries: page by page, by key, and a tenant's all at once out of it.

import {
  entryLookUpSchema,
  generationNameSchema,
  installationSchema,
  MOST_ENTRIES,
  nameSchema,
  type TenantRemoval,
} from "@twinframe/shared/contract";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { requireOwnOrUnclaimed } from "../index/expectation.ts";
import { entryPage, lookUpEntries, positionOf } from "../maintenance/entries.ts";
import type { StagesSource } from "../pipeline/stages.ts";
import { withSchemas } from "../plugins/request-schemas.ts";

const pageSchema = z.strictObject({
  generation: generationNameSchema,
  after: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ENTRIES).default(MOST_ENTRIES),
});

const removal = {
  params: z.object({ tenant: nameSchema }),
  querystring: z.strictObject({ installation: installationSchema }),
};

export function internalEntriesRoutes(app: FastifyInstance, source: StagesSource): void {
  const routes = withSchemas(app);

  routes.get("/internal/index/entries", { schema: { querystring: pageSchema } }, async (request) => {
    const { generation, after, limit } = request.query;
    const position = after === undefined ? null : positionOf(after);
    using held = await source.hold(generation);
    return await entryPage(held.stages.index, position, limit);
  });

  routes.post("/internal/index/entries/look-up", { schema: { body: entryLookUpSchema } }, async (request) => {
    const { generation, keys } = request.body;
    using held = await source.hold(generation);
    return { entries: await lookUpEntries(held.stages.index, keys) };
  });

  routes.delete("/internal/tenants/:tenant", { schema: removal }, async ({ params, query }) => {
    using held = await source.allGenerations();
    for (const { index } of held.all) requireOwnOrUnclaimed(await index.installation(), query.installation);
    let removed = 0;
    for (const { index } of held.all) removed = Math.max(removed, await index.deleteTenant(params.tenant));
    return { removed } satisfies TenantRemoval;
  });
}
