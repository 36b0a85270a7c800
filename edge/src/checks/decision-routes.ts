import { decisionInputSchema, decisionSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { decodeNumber, pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { idParams, json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { decideCheck } from "./decide.ts";
import { recallExplanation } from "./explanation.ts";
import { findOwnCheck } from "./own-check.ts";
import { check } from "./routes.ts";
import { decisionsOf } from "./store/check-decisions.ts";
import { rowView } from "./view.ts";

export const checkDecisions = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/checks/{id}/decision",
      operationId: "decideCheck",
      tags: ["Checks"],
      summary: "Decide a verdict of `review`",
      description: "A later decision takes the place of an earlier one, which stays in the history.",
      ...needs("checks:write"),
      request: { params: idParams, body: jsonBody(decisionInputSchema) },
      responses: { 200: { description: "The check with the decision.", content: json(check) } },
      problems: ["check_not_found", "not_in_review"],
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const row = await decideCheck(contextOf(c), tenantOf(c), id, c.req.valid("json"));
      return c.json(rowView(row, await recallExplanation(c.env.OBJECTS, row)), 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/checks/{id}/decisions",
      operationId: "listDecisions",
      tags: ["Checks"],
      summary: "All decisions on a check, the latest first",
      ...needs("checks:write"),
      request: { params: idParams, query: z.strictObject(pageQuery) },
      responses: {
        200: {
          description: "A page of decisions.",
          content: json(pageSchema(decisionSchema.meta({ id: "Decision" }))),
        },
      },
      problems: ["check_not_found"],
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const { id } = await findOwnCheck(contextOf(c), tenantOf(c), c.req.valid("param").id);
      const before = decodeNumber(cursor) ?? Number.MAX_SAFE_INTEGER;
      const rows = await decisionsOf(c.env.DB, id, before, limit + 1);
      const { data, next_cursor } = pageOf(rows, limit, (row) => [String(row.number)]);
      return c.json({ data: data.map((row) => JSON.parse(row.decision)), next_cursor }, 200);
    },
  );
