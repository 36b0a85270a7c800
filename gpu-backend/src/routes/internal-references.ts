// DELETE …/references/{id}: out of the index. It answers alike whether or not there was one, so that it can be
// repeated; with ?job_id= only the entry that this job made is removed. GET …/descriptors: its vectors, in pages.

import {
  type DescriptorSlice,
  type IndexedAt,
  installationSchema,
  MOST_DESCRIPTORS,
  nameSchema,
  referenceIdSchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { requireOwnOrUnclaimed } from "../index/expectation.ts";
import { descriptorsFrom } from "../pipeline/descriptors.ts";
import { libraryKey } from "../pipeline/library-key.ts";
import type { StagesSource } from "../pipeline/stages.ts";
import { deleteEverywhere } from "../pipeline/write-reference.ts";
import { withSchemas } from "../plugins/request-schemas.ts";

const PATH = "/internal/tenants/:tenant/libraries/:library/references/:id";

const paramsSchema = z.object({ tenant: nameSchema, library: nameSchema, id: referenceIdSchema });
const querySchema = z.strictObject({
  installation: installationSchema,
  job_id: z.string().max(128).optional(),
});
const sliceSchema = z.strictObject({
  offset: z.coerce.number().int().min(0).max(1e9).default(0),
  limit: z.coerce.number().int().min(1).max(MOST_DESCRIPTORS).default(MOST_DESCRIPTORS),
});

export function internalReferencesRoutes(app: FastifyInstance, source: StagesSource): void {
  const routes = withSchemas(app);

  const removal = { schema: { params: paramsSchema, querystring: querySchema } };
  routes.delete(PATH, removal, async ({ params: { tenant, library, id }, query }) => {
    using held = await source.hold();
    const { index } = held.stages;
    requireOwnOrUnclaimed(await index.installation(), query.installation);
    const key = libraryKey(tenant, library);
    await deleteEverywhere({ library: key, id, jobId: query.job_id }, held.stages);
    return { epoch: (await index.standing(key)).epoch } satisfies IndexedAt;
  });

  const reading = { schema: { params: paramsSchema, querystring: sliceSchema } };
  routes.get(`${PATH}/descriptors`, reading, async ({ params: { tenant, library, id }, query }) => {
    using held = await source.hold();
    const { index } = held.stages;
    const track = (await index.descriptorsOf(libraryKey(tenant, library), [id])).get(id);
    if (!track) throw new ProblemError("reference_not_found", `The index does not have "${id}".`);
    const { model, dims } = index;
    const frames = descriptorsFrom(track, dims, query);
    const { offset } = query;
    return { model, dims, total: track.startS.length, offset, frames } satisfies DescriptorSlice;
  });
}
