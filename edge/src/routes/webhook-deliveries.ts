import { deliveryFilterSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { requireScope } from "../middleware/authenticate.ts";
import type { AppContext, AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { servicesOf } from "../services.ts";
import { listDeliveries } from "../stores/webhook-log.ts";
import { deliveryOf, replayOne } from "../webhooks/replay.ts";
import { deliveryView } from "../webhooks/view.ts";
import { parseWith } from "./json-body.ts";
import { pageOf, pageQuery } from "./paging.ts";
import { cursorOf, idOf } from "./webhook-ids.ts";

const manage = requireScope("webhooks:manage");
const listQuery = deliveryFilterSchema.extend(pageQuery);

/** Of one endpoint, or all of the tenant: also those to the addresses of single checks and references. */
export async function deliveriesPage(c: AppContext, endpointId?: string) {
  const { limit, cursor, status, since } = parseWith(listQuery, c.req.query());
  const rows = await listDeliveries(c.env.DB, {
    ...{ tenant: c.get("caller").tenant, endpointId, status },
    sinceIso: since === undefined ? undefined : new Date(since).toISOString(),
    before: cursorOf(cursor, 2),
    limit: limit + 1,
  });
  const { data, next_cursor } = pageOf(rows, limit, ({ created_at, id }) => [created_at, id]);
  return { data: data.map(deliveryView), next_cursor };
}

const named = (c: AppContext) =>
  [servicesOf(c.env, c.executionCtx), c.get("caller").tenant, idOf(c)] as const;

export const webhookDeliveries = new Hono<AppEnv>()
  .get("/", manage, async (c) => c.json(await deliveriesPage(c)))
  .all("/", onlyMethods("GET"))
  .get("/:id", manage, async (c) => c.json(deliveryView(await deliveryOf(...named(c)))))
  .all("/:id", onlyMethods("GET"))
  .post("/:id/replay", manage, async (c) => c.json(await replayOne(...named(c)), 202))
  .all("/:id/replay", onlyMethods("POST"));
