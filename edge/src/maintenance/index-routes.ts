// The index as a whole. For operators.

import {
  adminIndexSchema,
  adoptIndexSchema,
  confirmSchema,
  generationNameSchema,
  newGenerationSchema,
  switchGenerationSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { audited } from "../auth/audit.ts";
import { createGeneration, dropGeneration } from "../backend-client/maintenance.ts";
import { contextOf } from "../platform/http/of-request.ts";
import { Api } from "../platform/openapi/api.ts";
import { json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { requireConfirmation } from "./confirm.ts";
import { adoptIndex, readIndex, switchGeneration } from "./generations.ts";
import { refuseWhileFilling } from "./job-conflicts.ts";

const index = adminIndexSchema.meta({ id: "Index" });
const theIndex = { description: "The index.", content: json(index) };

export const adminIndex = new Api()
  .serve(
    createRoute({
      method: "get",
      path: "/v1/admin/index",
      operationId: "getIndex",
      tags: ["Maintenance"],
      summary: "The index: generations, models, sizes, state",
      ...needs("admin", { operator: true }),
      responses: { 200: theIndex },
      problems: ["index_unavailable"],
    }),
    async (c) => c.json(await readIndex(contextOf(c)), 200),
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/admin/index/generations",
      operationId: "createGeneration",
      tags: ["Maintenance"],
      summary: "Make a generation of another model, beside the live one",
      description:
        "Every new reference goes into all generations; a job `re_embed` fills it with the others.",
      ...needs("admin", { operator: true }),
      request: { body: jsonBody(newGenerationSchema) },
      responses: { 201: theIndex },
      problems: ["index_unavailable", "model_not_found", "model_mismatch"],
    }),
    async (c) => {
      const generation = c.req.valid("json");
      const context = contextOf(c);
      const action = { by: c.get("caller"), action: "generation.create", subject: generation };
      await audited(c.env.DB, action, () => createGeneration(context.config, generation));
      return c.json(await readIndex(context), 201);
    },
  )
  .serve(
    createRoute({
      method: "delete",
      path: "/v1/admin/index/generations/{name}",
      operationId: "dropGeneration",
      tags: ["Maintenance"],
      summary: "Drop a generation that is not live",
      ...needs("admin", { operator: true }),
      request: { params: z.object({ name: generationNameSchema }), body: jsonBody(confirmSchema) },
      responses: { 204: { description: "Dropped." } },
      problems: [
        "index_unavailable",
        "generation_not_found",
        "generation_live",
        "confirmation_missing",
        "job_in_the_way",
      ],
    }),
    async (c) => {
      const { name } = c.req.valid("param");
      requireConfirmation(c.req.valid("json").confirm, name);
      await refuseWhileFilling(c.env.DB);
      const { config } = contextOf(c);
      const action = { by: c.get("caller"), action: "generation.drop", subject: { name } };
      await audited(c.env.DB, action, () => dropGeneration(config, name));
      return c.body(null, 204);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/admin/index/live",
      operationId: "switchGeneration",
      tags: ["Maintenance"],
      summary: "Have another generation answer, or the former one again",
      description:
        "No cached verdict of the former model is used again. One that lacks references is refused.",
      ...needs("admin", { operator: true }),
      request: { body: jsonBody(switchGenerationSchema) },
      responses: { 200: theIndex },
      problems: ["index_unavailable", "generation_not_found", "generation_incomplete", "job_in_the_way"],
    }),
    async (c) => {
      const asked = c.req.valid("json");
      const action = { by: c.get("caller"), action: "generation.switch", subject: asked };
      return c.json(await audited(c.env.DB, action, () => switchGeneration(contextOf(c), asked)), 200);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/admin/index/adopt",
      operationId: "adoptIndex",
      tags: ["Maintenance"],
      summary: "Make the index that is there this installation's",
      description:
        "For an index that is refused with 503: another's, an older or an empty one. `confirm` is whose it is now, or " +
        "`nobody`. One that lacks references is refused: rebuild it with a job `reconcile`, or accept what is missing.",
      ...needs("admin", { operator: true }),
      request: { body: jsonBody(adoptIndexSchema) },
      responses: { 200: theIndex },
      problems: [
        "index_unavailable",
        "confirmation_missing",
        "generation_incomplete",
        "job_in_the_way",
        "index_not_adopted",
      ],
    }),
    async (c) => {
      const asked = c.req.valid("json");
      const action = { by: c.get("caller"), action: "index.adopt", subject: asked };
      return c.json(await audited(c.env.DB, action, () => adoptIndex(contextOf(c), asked)), 200);
    },
  );
