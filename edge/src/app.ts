import { Hono } from "hono";
import { keys } from "./auth/routes.ts";
import { usage } from "./auth/usage-routes.ts";
import { checks } from "./checks/routes.ts";
import { compat } from "./compat/routes.ts";
import { similarityCompat } from "./compat/similarity-routes.ts";
import { metrics } from "./health/metrics-routes.ts";
import { health } from "./health/routes.ts";
import { imports } from "./imports/routes.ts";
import { objects } from "./ingest/object-routes.ts";
import { OBJECT_PATH_PREFIX } from "./ingest/object-source.ts";
import { policies } from "./libraries/policy-routes.ts";
import { libraries } from "./libraries/routes.ts";
import { adminIndex } from "./maintenance/index-routes.ts";
import { adminJobs } from "./maintenance/jobs-routes.ts";
import { adminRecords } from "./maintenance/records-routes.ts";
import { crossOrigin } from "./platform/http/cross-origin.ts";
import type { AppEnv } from "./platform/http/http-types.ts";
import { notFound, problemResponse } from "./platform/http/problem.ts";
import { requestLog } from "./platform/http/request-log.ts";
import { descriptors } from "./references/descriptor-routes.ts";
import { references } from "./references/routes.ts";
import { comparisons } from "./search/comparison-routes.ts";
import { search } from "./search/routes.ts";
import { uploads } from "./uploads/routes.ts";
import { webhookDeliveries } from "./webhooks/deliveries-routes.ts";
import { webhookEndpoints } from "./webhooks/endpoints-routes.ts";
import { webhookSecret } from "./webhooks/secret-routes.ts";

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
