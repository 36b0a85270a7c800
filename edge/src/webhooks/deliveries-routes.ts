import { deliveryFilterSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { requireScope } from "../auth/authenticate.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith } from "../platform/http/json-body.ts";
import { pageOf, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { deliveryOf, replayOne } from "./replay.ts";
import { listDeliveries } from "./store/webhook-log.ts";
import { deliveryView } from "./view.ts";
import { cursorOf, idOf } from "./webhook-ids.ts";

const manage = requireScope("webhooks:manage");
const listQuery = deliveryFilterSchema.extend(pageQuery);

/** Of one endpoint, or all of the tenant: also those to the addresses of single checks and references. */
export async function deliveriesPage(c: AppContext, endpointId?: string) {
  const { limit, cursor, status, since } = parseWith(listQuery, c.req.query());
  const rows = await listDeliveries(c.env.DB, {
    tenant: c.get("caller").tenant,
    endpointId,
    status,
    sinceIso: since === undefined ? undefined : new Date(since).toISOString(),
    before: cursorOf(cursor, 2),
    limit: limit + 1,
  });
  const { data, next_cursor } = pageOf(rows, limit, ({ created_at, id }) => [created_at, id]);
  return { data: data.map(deliveryView), next_cursor };
}

const named = (c: AppContext) =>
  [requestContextOf(c.env, c.executionCtx), c.get("caller").tenant, idOf(c)] as const;

export const webhookDeliveries = new Hono<AppEnv>()
  .get("/", manage, async (c) => c.json(await deliveriesPage(c)))
  .all("/", onlyMethods("GET"))
  .get("/:id", manage, async (c) => c.json(deliveryView(await deliveryOf(...named(c)))))
  .all("/:id", onlyMethods("GET"))
  .post("/:id/replay", manage, async (c) => c.json(await replayOne(...named(c)), 202))
  .all("/:id/replay", onlyMethods("POST"));
