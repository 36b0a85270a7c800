import { Hono } from "hono";
import { OBJECT_PATH_PREFIX } from "./clients/object-source.ts";
import { crossOrigin } from "./middleware/cross-origin.ts";
import type { AppEnv } from "./middleware/http-types.ts";
import { notFound, problemResponse } from "./middleware/problem.ts";
import { requestLog } from "./middleware/request-log.ts";
import { adminIndex } from "./routes/admin-index.ts";
import { adminJobs } from "./routes/admin-jobs.ts";
import { adminRecords } from "./routes/admin-records.ts";
import { checks } from "./routes/checks.ts";
import { comparisons } from "./routes/comparisons.ts";
import { compat } from "./routes/compat.ts";
import { descriptors } from "./routes/descriptors.ts";
import { health } from "./routes/health.ts";
import { imports } from "./routes/imports.ts";
import { keys } from "./routes/keys.ts";
import { libraries } from "./routes/libraries.ts";
import { metrics } from "./routes/metrics.ts";
import { objects } from "./routes/objects.ts";
import { policies } from "./routes/policies.ts";
import { references } from "./routes/references.ts";
import { search } from "./routes/search.ts";
import { similarityCompat } from "./routes/similarity-compat.ts";
import { uploads } from "./routes/uploads.ts";
import { usage } from "./routes/usage.ts";
import { webhookDeliveries } from "./routes/webhook-deliveries.ts";
import { webhookEndpoints } from "./routes/webhook-endpoints.ts";
import { webhookSecret } from "./routes/webhook-secret.ts";

export const app = new Hono<AppEnv>()
  .use(requestLog)
  .use(crossOrigin)
  .onError((error, c) => problemResponse(c, error))
  .notFound((c) => problemResponse(c, notFound()))
  .route("/", health)
  .route("/", metrics)
  .route("/v1/references", references)
  .route("/v1/checks", checks)
  .route("/v1/references", descriptors)
  .route("/v1/search", search)
  .route("/v1/comparisons", comparisons)
  .route("/v1/keys", keys)
  .route("/v1/usage", usage)
  .route("/v1/webhook-endpoints", webhookEndpoints)
  .route("/v1/webhook-deliveries", webhookDeliveries)
  .route("/v1/webhook-secret", webhookSecret)
  .route("/v1/uploads", uploads)
  .route("/v1/libraries", libraries)
  .route("/v1/policies", policies)
  .route("/v1/imports", imports)
  .route("/v1/admin/index", adminIndex)
  .route("/v1/admin/jobs", adminJobs)
  .route("/v1/admin", adminRecords)
  .route("/check-video-duplicate", compat)
  .route("/", similarityCompat)
  .route(OBJECT_PATH_PREFIX.slice(0, -1), objects);
