import {
  createWebhookEndpointSchema,
  patchWebhookEndpointSchema,
  replaySinceSchema,
} from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { requireScope } from "../auth/authenticate.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson } from "../platform/http/json-body.ts";
import { pageOf, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { deliveriesPage } from "./deliveries-routes.ts";
import {
  createEndpoint,
  deleteEndpoint,
  endpointOf,
  patchEndpoint,
  rotateEndpoint,
  testEndpoint,
} from "./endpoints.ts";
import { replayAllFailed } from "./replay.ts";
import { listEndpoints } from "./store/webhook-endpoints.ts";
import { endpointView } from "./view.ts";
import { cursorOf, idOf } from "./webhook-ids.ts";

const manage = requireScope("webhooks:manage");
const listQuery = z.strictObject(pageQuery);

/** Whose endpoint it is about. */
const named = (c: AppContext) =>
  [requestContextOf(c.env, c.executionCtx), c.get("caller").tenant, idOf(c)] as const;

export const webhookEndpoints = new Hono<AppEnv>()
  .post("/", manage, async (c) => {
    const [context, tenant] = named(c);
    const wanted = parseWith(createWebhookEndpointSchema, await readJson(c));
    const endpoint = await createEndpoint(context, tenant, wanted);
    c.header("location", `/v1/webhook-endpoints/${endpoint.id}`);
    return c.json(endpoint, 201);
  })
  .get("/", manage, async (c) => {
    const { limit, cursor } = parseWith(listQuery, c.req.query());
    const [after = ""] = cursorOf(cursor, 1) ?? [];
    const rows = await listEndpoints(c.env.DB, c.get("caller").tenant, after, limit + 1);
    const { data, next_cursor } = pageOf(rows, limit, ({ id }) => [id]);
    return c.json({ data: data.map(endpointView), next_cursor });
  })
  .all("/", onlyMethods("GET", "POST"))
  .get("/:id", manage, async (c) => c.json(endpointView(await endpointOf(...named(c)))))
  .patch("/:id", manage, async (c) => {
    const change = parseWith(patchWebhookEndpointSchema, await readJson(c));
    return c.json(await patchEndpoint(...named(c), change));
  })
  .delete("/:id", manage, async (c) => {
    await deleteEndpoint(...named(c));
    return c.body(null, 204);
  })
  .all("/:id", onlyMethods("GET", "PATCH", "DELETE"))
  .post("/:id/rotate", manage, async (c) => c.json(await rotateEndpoint(...named(c))))
  .all("/:id/rotate", onlyMethods("POST"))
  .post("/:id/test", manage, async (c) => {
    const delivery = await testEndpoint(...named(c));
    c.header("location", `/v1/webhook-deliveries/${delivery.id}`);
    return c.json(delivery, 202);
  })
  .all("/:id/test", onlyMethods("POST"))
  .get("/:id/deliveries", manage, async (c) => {
    const { id } = await endpointOf(...named(c));
    return c.json(await deliveriesPage(c, id));
  })
  .all("/:id/deliveries", onlyMethods("GET"))
  .post("/:id/replay", manage, async (c) => {
    const { since } = parseWith(replaySinceSchema, await readJson(c));
    return c.json(await replayAllFailed(...named(c), since), 202);
  })
  .all("/:id/replay", onlyMethods("POST"));
