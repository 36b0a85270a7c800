import type { Scope } from "@twinframe/shared/contract";
import type { MiddlewareHandler } from "hono";
import { idempotent } from "../idempotency/middleware.ts";
import type { AppEnv } from "../platform/http/http-types.ts";
import type { NeededScopes } from "../platform/openapi/route.ts";
import { authenticate } from "./authenticate.ts";
import { limitRequests } from "./limit-requests.ts";
import { refusePurgedTenant } from "./refuse-purged-tenant.ts";
import { requireScopes } from "./require-scopes.ts";

/** A key with the scope. All of it happens in this order, and before anything of the request's body is read. */
export function needs(scope: Scope, more: Omit<NeededScopes, "scope"> = {}) {
  const access: NeededScopes = { scope, ...more };
  // Maintenance goes on while a tenant is purged.
  const unlessPurged = scope === "admin" ? [] : [refusePurgedTenant];
  const middleware: MiddlewareHandler<AppEnv>[] = [
    authenticate,
    limitRequests,
    requireScopes(access),
    ...unlessPurged,
    idempotent,
  ];
  return { access, security: [{ api_key: [] }], middleware };
}
