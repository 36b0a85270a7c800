// The tenant's own secret, which signs what goes to the `webhook_url` of single checks and references.

import { Hono } from "hono";
import { requireScope } from "../auth/authenticate.ts";
import type { AppEnv } from "../platform/http/http-types.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { readTenantSecret, rotateSecret, tenantOwner } from "./secrets.ts";

const manage = requireScope("webhooks:manage");

export const webhookSecret = new Hono<AppEnv>()
  .get("/", manage, async (c) =>
    c.json(await readTenantSecret(requestContextOf(c.env, c.executionCtx), c.get("caller").tenant)),
  )
  .all("/", onlyMethods("GET"))
  .post("/rotate", manage, async (c) => {
    const owner = tenantOwner(c.get("caller").tenant);
    return c.json(await rotateSecret(requestContextOf(c.env, c.executionCtx), owner));
  })
  .all("/rotate", onlyMethods("POST"));
