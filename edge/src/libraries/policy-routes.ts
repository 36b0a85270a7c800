import { Hono } from "hono";
import { requireScope } from "../auth/authenticate.ts";
import type { AppEnv } from "../platform/http/http-types.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { DEFAULT_VERSIONED } from "./policy.ts";

export const policies = new Hono<AppEnv>()
  .get("/default", requireScope("libraries:manage"), (c) => c.json(DEFAULT_VERSIONED))
  .all("/default", onlyMethods("GET"));
