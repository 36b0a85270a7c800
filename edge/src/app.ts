import { Hono } from "hono";
import { OBJECT_PATH_PREFIX } from "./clients/object-source.ts";
import type { AppEnv } from "./middleware/http-types.ts";
import { notFound, problemResponse } from "./middleware/problem.ts";
import { requestLog } from "./middleware/request-log.ts";
import { checks } from "./routes/checks.ts";
import { compat } from "./routes/compat.ts";
import { health } from "./routes/health.ts";
import { imports } from "./routes/imports.ts";
import { objects } from "./routes/objects.ts";
import { references } from "./routes/references.ts";

export const app = new Hono<AppEnv>()
  .use(requestLog)
  .onError((error, c) => problemResponse(c, error))
  .notFound((c) => problemResponse(c, notFound()))
  .route("/", health)
  .route("/v1/references", references)
  .route("/v1/checks", checks)
  .route("/v1/imports", imports)
  .route("/check-video-duplicate", compat)
  .route(OBJECT_PATH_PREFIX.slice(0, -1), objects);
