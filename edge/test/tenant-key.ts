import { makeKey } from "./keys.ts";

/** A key of a tenant, with these scopes: what to send as `key`. */
export const tenantKey = (tenant: string, ...scopes: string[]) => makeKey(scopes, { tenant });
