import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../platform/http/http-types.ts";
import { BOOTSTRAP_KEY_ID } from "./caller.ts";
import { refuseWhilePurged } from "./tenant-purge.ts";

/**
 * The keys of a tenant that is purged are revoked; the bootstrap key cannot be, and its tenant may be purged, too.
 * Problem: `job_in_the_way`.
 */
export const refusePurgedTenant: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { tenant, keyId } = c.get("caller");
  if (keyId === BOOTSTRAP_KEY_ID) await refuseWhilePurged(c.env.DB, tenant);
  await next();
};
