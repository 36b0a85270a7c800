import {
  checkBodySchema,
  checkFilterSchema,
  checkOptionsSchema,
  checkSchema,
  listedCheckSchema,
} from "@twinframe/shared/contract";
import { needs } from "../auth/access.ts";
import { refuseWithoutScope } from "../auth/require-scopes.ts";
import { readSubmissionOrHash } from "../ingest/submission.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { decodeCursor, pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { Api } from "../platform/openapi/api.ts";
import { idParams, json, whereToAsk } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { UPLOAD_PROBLEMS, VIDEO_PROBLEMS, videoBody, waitHeader } from "../platform/openapi/video-input.ts";
import { cancelCheck } from "./cancel.ts";
import { recallExplanation } from "./explanation.ts";
import { findOwnCheck } from "./own-check.ts";
import { removeCheck } from "./remove.ts";
import { listChecks } from "./store/check-list.ts";
import type { CheckRow } from "./store/check-row.ts";
import { isFinished } from "./store/checks.ts";
import { submitCheck } from "./submit.ts";
import { completedView, rowView, unfinishedView } from "./view.ts";

export const check = checkSchema.meta({ id: "Check" });

// There is no scope of its own for reading: who may ask may read the answer.
export const checks = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/checks",
      operationId: "createCheck",
      tags: ["Checks"],
      summary: "Is this video a copy?",
      description:
        "Give a URL or an upload as JSON, or the bytes with the options in the query string. With a SHA-256 alone the answer is a duplicate by exact bytes, or the problem `content_unknown`. " +
        "With `index: if_unique` a video found unique becomes a reference, which needs the scope `references:write`, too.",
      ...needs("checks:write"),
      described: {
        query: checkOptionsSchema.partial(),
        headers: waitHeader,
        body: videoBody(checkBodySchema),
      },
      responses: {
        200: { description: "The verdict.", content: json(check) },
        202: {
          description: "Still at work: ask again at `location`.",
          content: json(check),
          headers: whereToAsk("Where the verdict will be."),
        },
      },
      problems: [
        ...VIDEO_PROBLEMS,
        ...UPLOAD_PROBLEMS,
        "reference_id_conflict",
        "content_unknown",
        "check_cancelled",
        "check_not_found",
      ],
    }),
    async (c) => {
      const { options, origin } = await readSubmissionOrHash(c, checkOptionsSchema, ({ index }) => {
        // What is found unique becomes a reference.
        if (index === "if_unique") refuseWithoutScope(c.get("caller"), "references:write");
      });
      const submission = {
        options,
        origin,
        tenant: tenantOf(c),
        waitMs: preferredWaitMs(c),
        requestId: c.get("requestId"),
      };
      const outcome = await untilDone(c, submitCheck(contextOf(c), submission));
      if (outcome.kind === "completed") return c.json(completedView(outcome.completed), 200);
      c.header("location", `/v1/checks/${outcome.job.id}`);
      c.header("retry-after", "1");
      return c.json(unfinishedView(outcome.job), 202);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/checks",
      operationId: "listChecks",
      tags: ["Checks"],
      summary: "Checks, newest first",
      description:
        "Without their matches and explanations: ask for the check itself. `decision=none` lists the verdicts " +
        "`review` that nobody has decided.",
      ...needs("checks:write"),
      request: { query: checkFilterSchema.extend(pageQuery) },
      responses: {
        200: {
          description: "A page of checks.",
          content: json(pageSchema(listedCheckSchema.meta({ id: "ListedCheck" }))),
        },
      },
    }),
    async (c) => {
      const { limit, cursor, ...filter } = c.req.valid("query");
      const after = decodeCursor(cursor, 2);
      const { results } = await listChecks(c.env.DB, tenantOf(c), filter, after, limit + 1).all<CheckRow>();
      const { data, next_cursor } = pageOf(results, limit, (row) => [row.created_at, row.id]);
      return c.json({ data: data.map((row) => rowView(row)), next_cursor }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/checks/{id}",
      operationId: "getCheck",
      tags: ["Checks"],
      summary: "A check and its verdict",
      ...needs("checks:write"),
      request: { params: idParams },
      responses: { 200: { description: "The check.", content: json(check) } },
      problems: ["check_not_found"],
    }),
    async (c) => {
      const row = await findOwnCheck(contextOf(c), tenantOf(c), c.req.valid("param").id);
      if (!isFinished(row)) c.header("retry-after", "1");
      return c.json(rowView(row, await recallExplanation(c.env.OBJECTS, row)), 200);
    },
  )
  .serve(
    createRoute({
      method: "delete",
      path: "/v1/checks/{id}",
      operationId: "deleteCheck",
      tags: ["Checks"],
      summary: "Delete a check that has ended",
      description: "With its result, explanation and decisions. A reference that it made stays.",
      ...needs("checks:write"),
      request: { params: idParams },
      responses: { 204: { description: "Deleted." } },
      problems: ["check_not_found", "check_unfinished"],
    }),
    async (c) => {
      await removeCheck(contextOf(c), tenantOf(c), c.req.valid("param").id);
      return c.body(null, 204);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/checks/{id}/cancel",
      operationId: "cancelCheck",
      tags: ["Checks"],
      summary: "Cancel a check that has not ended",
      description: "It gets no verdict and makes no reference. Cancelling it again changes nothing.",
      ...needs("checks:write"),
      request: { params: idParams },
      responses: { 200: { description: "The check, cancelled.", content: json(check) } },
      problems: ["check_not_found", "check_finished"],
    }),
    async (c) => {
      const row = await cancelCheck(contextOf(c), tenantOf(c), c.req.valid("param").id);
      return c.json(rowView(row), 200);
    },
  );
