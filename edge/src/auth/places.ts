// What a tenant may have at work at a time, asked of its quota object.

import { ProblemError } from "@twinframe/shared/problem";
import type { Bindings } from "../platform/env.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import type { Place } from "./store/quota-places.ts";

export const quotaOf = ({ QUOTAS }: Pick<Bindings, "QUOTAS">, tenant: string) =>
  QUOTAS.get(QUOTAS.idFromName(tenant));

export const tooMuchAtOnce = (what: string, retryAfterS: number) =>
  new ProblemError(
    "too_much_at_once",
    `This tenant has ${what}, as many as it may at a time. Let some end, then send again.`,
    { retryAfterS },
  );

/** After the response. A place that is not given back ends by itself. */
export function leavePlace({ bindings, defer }: RequestContext, tenant: string, { kind, id }: Place): void {
  defer(
    Promise.resolve(quotaOf(bindings, tenant).leave(kind, id)).catch((error) =>
      logFailure("a place was not given back", { tenant, kind }, error),
    ),
  );
}
