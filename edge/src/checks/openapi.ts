import {
  checkBodySchema,
  checkFilterSchema,
  checkOptionsSchema,
  checkSchema,
  decisionInputSchema,
  decisionSchema,
  listedCheckSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { pageQuery, pageSchema } from "../platform/http/paging.ts";
import type { Operation } from "../platform/openapi/operation.ts";
import { UPLOAD_PROBLEMS, VIDEO_PROBLEMS, videoBody, waitHeader } from "../platform/openapi/video-input.ts";

const tag = "Checks";
const scope = "checks:write" as const;
const check = checkSchema.meta({ id: "Check" });
const listedCheck = listedCheckSchema.meta({ id: "ListedCheck" });
const decision = decisionSchema.meta({ id: "Decision" });
const parameters = z.object({ id: z.string() });
/** One of the stream's, each as `text/event-stream` writes it. */
const eventSchema = z.object({
  id: z.string(),
  event: z.enum(["progress", "completed", "failed", "cancelled"]),
  data: z.string().meta({ description: "JSON: {stage, percent}, or the check." }),
});

export const CHECK_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/checks",
    id: "createCheck",
    tag,
    summary: "Is this video a copy?",
    description:
      "Give a URL or an upload as JSON, or the bytes with the options in the query string. With a SHA-256 alone the answer is a duplicate by exact bytes, or the problem `content_unknown`. " +
      "With `index: if_unique` a video found unique becomes a reference, which needs the scope `references:write`, too.",
    scope,
    query: checkOptionsSchema.partial(),
    headers: waitHeader,
    body: videoBody(checkBodySchema),
    answers: {
      200: { description: "The verdict.", schema: check },
      202: {
        description: "Still at work: ask again at `location`.",
        schema: check,
        headers: {
          location: "Where the verdict will be.",
          "retry-after": "Seconds until asking makes sense.",
        },
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
  },
  {
    method: "get",
    path: "/v1/checks",
    id: "listChecks",
    tag,
    summary: "Checks, newest first",
    description:
      "Without their matches and explanations: ask for the check itself. `decision=none` lists the verdicts " +
      "`review` that nobody has decided.",
    scope,
    query: checkFilterSchema.extend(pageQuery),
    answers: { 200: { description: "A page of checks.", schema: pageSchema(listedCheck) } },
  },
  {
    method: "get",
    path: "/v1/checks/{id}",
    id: "getCheck",
    tag,
    summary: "A check and its verdict",
    scope,
    parameters,
    answers: { 200: { description: "The check.", schema: check } },
    problems: ["check_not_found"],
  },
  {
    method: "delete",
    path: "/v1/checks/{id}",
    id: "deleteCheck",
    tag,
    summary: "Delete a check that has ended",
    description: "With its result, explanation and decisions. A reference that it made stays.",
    scope,
    parameters,
    answers: { 204: { description: "Deleted." } },
    problems: ["check_not_found", "check_unfinished"],
  },
  {
    method: "post",
    path: "/v1/checks/{id}/cancel",
    id: "cancelCheck",
    tag,
    summary: "Cancel a check that has not ended",
    description: "It gets no verdict and makes no reference. Cancelling it again changes nothing.",
    scope,
    parameters,
    answers: { 200: { description: "The check, cancelled.", schema: check } },
    problems: ["check_not_found", "check_finished"],
  },
  {
    method: "get",
    path: "/v1/checks/{id}/events",
    id: "watchCheck",
    tag,
    summary: "How far a check is, and its end, as server-sent events",
    description:
      "`progress` events ({stage, percent}), then one `completed`, `failed` or `cancelled` event with the check, " +
      "and the stream ends. After ten minutes it ends without: connect again with `Last-Event-ID`.",
    scope,
    parameters,
    headers: z.object({
      "last-event-id": z.string().optional().meta({ description: "The last event heard." }),
    }),
    answers: {
      200: { description: "The events.", schema: eventSchema, contentType: "text/event-stream" },
      204: { description: "The check has ended and `Last-Event-ID` is its last event: there is no more." },
    },
    problems: ["check_not_found"],
  },
  {
    method: "post",
    path: "/v1/checks/{id}/decision",
    id: "decideCheck",
    tag,
    summary: "Decide a verdict of `review`",
    description: "A later decision takes the place of an earlier one, which stays in the history.",
    scope,
    parameters,
    body: { "application/json": decisionInputSchema },
    answers: { 200: { description: "The check with the decision.", schema: check } },
    problems: ["check_not_found", "not_in_review"],
  },
  {
    method: "get",
    path: "/v1/checks/{id}/decisions",
    id: "listDecisions",
    tag,
    summary: "All decisions on a check, the latest first",
    scope,
    parameters,
    query: z.strictObject(pageQuery),
    answers: { 200: { description: "A page of decisions.", schema: pageSchema(decision) } },
    problems: ["check_not_found"],
  },
];
