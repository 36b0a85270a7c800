import { Hono } from "hono";
import { OBJECT_PATH_PREFIX } from "./clients/object-source.ts";
import type { AppEnv } from "./middleware/http-types.ts";
import { notFound, problemResponse } from "./middleware/problem.ts";
import { requestLog } from "./middleware/request-log.ts";
import { checks } from "./routes/checks.ts";
import { compat } from "./routes/compat.ts";
import { health } from "./routes/health.ts";
import { libraries } from "./routes/libraries.ts";
import { objects } from "./routes/objects.ts";
import { policies } from "./routes/policies.ts";
import { references } from "./routes/references.ts";
import { uploads } from "./routes/uploads.ts";

export const app = new Hono<AppEnv>()
  .use(requestLog)
  .onError((error, c) => problemResponse(c, error))
  .notFound((c) => problemResponse(c, notFound()))
  .route("/", health)
  .route("/v1/references", references)
  .route("/v1/checks", checks)
  .route("/v1/uploads", uploads)
  .route("/v1/libraries", libraries)
  .route("/v1/policies", policies)
  .route("/check-video-duplicate", compat)
  .route(OBJECT_PATH_PREFIX.slice(0, -1), objects);
