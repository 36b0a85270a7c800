import { methodNotAllowed } from "hono/method-not-allowed";
import { keys } from "./auth/routes.ts";
import { usage } from "./auth/usage-routes.ts";
import { checkDecisions } from "./checks/decision-routes.ts";
import { checkEvents } from "./checks/events-routes.ts";
import { checks } from "./checks/routes.ts";
import { compat } from "./compat/routes.ts";
import { similarityCompat } from "./compat/similarity-routes.ts";
import { metrics } from "./health/metrics-routes.ts";
import { health } from "./health/routes.ts";
import { imports } from "./imports/routes.ts";
import { objects } from "./ingest/object-routes.ts";
import { policies } from "./libraries/policy-routes.ts";
import { libraries } from "./libraries/routes.ts";
import { adminIndex } from "./maintenance/index-routes.ts";
import { adminJobs } from "./maintenance/jobs-routes.ts";
import { adminRecords } from "./maintenance/records-routes.ts";
import { adminSnapshots } from "./maintenance/snapshots-routes.ts";
import { crossOrigin } from "./platform/http/cross-origin.ts";
import { notAllowed, notFound, problemResponse } from "./platform/http/problem.ts";
import { requestLog } from "./platform/http/request-log.ts";
import { Api } from "./platform/openapi/api.ts";
import { referenceAvailability } from "./references/availability-routes.ts";
import { descriptors } from "./references/descriptor-routes.ts";
import { references } from "./references/routes.ts";
import { comparisons } from "./search/comparison-routes.ts";
import { search } from "./search/routes.ts";
import { uploads } from "./uploads/routes.ts";
import { webhookDeliveries } from "./webhooks/deliveries-routes.ts";
import { webhookEndpoints } from "./webhooks/endpoints-routes.ts";
import { webhookSecret } from "./webhooks/secret-routes.ts";

/** In the order of the documentation. */
const PARTS: readonly Api[] = [
  ...[checks, checkEvents, checkDecisions],
  ...[references, referenceAvailability, uploads, libraries, policies, descriptors],
  ...[search, comparisons],
  ...[keys, usage],
  ...[webhookEndpoints, webhookDeliveries, webhookSecret],
  imports,
  ...[compat, similarityCompat],
  ...[adminIndex, adminSnapshots, adminJobs, adminRecords],
  health,
  ...[metrics, objects],
];

export const app = new Api();
app.use(requestLog);
app.use(crossOrigin);
app.use(methodNotAllowed({ app, onMethodNotAllowed: notAllowed }));
app.onError((error, c) => problemResponse(c, error));
app.notFound((c) => problemResponse(c, notFound()));
for (const part of PARTS) app.route("/", part);
