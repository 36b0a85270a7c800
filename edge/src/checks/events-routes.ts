import { z } from "zod";
import { needs } from "../auth/access.ts";
import { eventStream } from "../platform/http/event-stream.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { Api } from "../platform/openapi/api.ts";
import { idParams } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { listenToCheck } from "./listen.ts";
import { findOwnCheck } from "./own-check.ts";
import { isFinished } from "./store/checks.ts";
import { END_ID, watchCheck } from "./watch.ts";

/** One of the stream's, each as `text/event-stream` writes it. */
const eventSchema = z.object({
  id: z.string(),
  event: z.enum(["progress", "completed", "failed", "cancelled"]),
  data: z.string().meta({ description: "JSON: {stage, percent}, or the check." }),
});

export const checkEvents = new Api().serve(
  createRoute({
    method: "get",
    path: "/v1/checks/{id}/events",
    operationId: "watchCheck",
    tags: ["Checks"],
    summary: "How far a check is, and its end, as server-sent events",
    description:
      "`progress` events ({stage, percent}), then one `completed`, `failed` or `cancelled` event with the check, " +
      "and the stream ends. After ten minutes it ends without: connect again with `Last-Event-ID`.",
    ...needs("checks:write"),
    request: {
      params: idParams,
      headers: z.object({
        "last-event-id": z.string().optional().meta({ description: "The last event heard." }),
      }),
    },
    responses: {
      200: { description: "The events.", content: { "text/event-stream": { schema: eventSchema } } },
      204: { description: "The check has ended and `Last-Event-ID` is its last event: there is no more." },
    },
    problems: ["check_not_found"],
  }),
  async (c) => {
    const context = contextOf(c);
    const row = await findOwnCheck(context, tenantOf(c), c.req.valid("param").id);
    const seen = /^\d{1,3}$/.exec(c.req.valid("header")["last-event-id"] ?? "")?.[0];
    // A client that has heard the end asks again by itself until it is told that there is no more.
    if (isFinished(row) && Number(seen) === END_ID) return c.body(null, 204);
    const after = seen === undefined ? -1 : Number(seen);
    const stream = isFinished(row)
      ? eventStream((emit, signal) => watchCheck(context, row, after, emit, signal))
      : await listenToCheck(context, row, after);
    return c.body(stream.body!, 200, { "content-type": "text/event-stream" });
  },
);
