import { Hono } from "hono";
import { DEFAULT_VERSIONED } from "../libraries/policy.ts";
import { requireScope } from "../middleware/authenticate.ts";
import type { AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";

export const policies = new Hono<AppEnv>()
  .get("/default", requireScope("libraries:manage"), (c) => c.json(DEFAULT_VERSIONED))
  .all("/default", onlyMethods("GET"));
