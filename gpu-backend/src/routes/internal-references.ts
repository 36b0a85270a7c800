// DELETE …/references/{id}: out of the index. It says 204 whether or not there was one, so that it can be
// repeated; with ?job_id= only the entry that this job made is removed.

import { nameSchema, referenceIdSchema } from "@twinframe/shared/contract";
import { problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { VectorIndex } from "../index/vector-index.ts";
import { libraryKey } from "../pipeline/run-analysis.ts";

const paramsSchema = z.object({ tenant: nameSchema, library: nameSchema, id: referenceIdSchema });
const querySchema = z.strictObject({ job_id: z.string().max(128).optional() });

export function internalReferencesRoutes(app: FastifyInstance, index: VectorIndex): void {
  app.delete("/internal/tenants/:tenant/libraries/:library/references/:id", async (request, reply) => {
    const params = paramsSchema.safeParse(request.params);
    if (!params.success) throw problemOfZodError(params.error);
    const query = querySchema.safeParse(request.query);
    if (!query.success) throw problemOfZodError(query.error);
    const { tenant, library, id } = params.data;
    await index.deleteReference(libraryKey(tenant, library), id, query.data.job_id);
    return reply.code(204).send();
  });
}
