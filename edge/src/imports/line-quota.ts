// A line of an import counts as a request of the key that brought it. Lines over a limit wait until its window ends,
// and leave a part of every limit to requests, so that an import locks nobody out who would cancel it.

import { ProblemError } from "@twinframe/shared/problem";
import { quotaOf } from "../auth/places.ts";
import { findKey } from "../auth/store/keys.ts";
import type { Configuration, RateLimits } from "../platform/configuration.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";

/** Of a tenant's and a key's limits. */
const LEFT_TO_REQUESTS = 0.1;
/** For imports from before their key was written down. */
const NO_KEY = "import";

export interface LineQuota {
  /** Null when the line may be worked on; else what it waits for, with the seconds in `retryAfterS`. */
  take(): Promise<ProblemError | null>;
}

async function limitsOf(
  { bindings, config }: RequestContext,
  tenant: string,
  keyId: string,
): Promise<Configuration["quota"]> {
  const own = await findKey(bindings.DB, tenant, keyId);
  const key: RateLimits = {
    perMinute: own?.per_minute ?? config.quota.key.perMinute,
    perDay: own?.per_day ?? config.quota.key.perDay,
  };
  return { tenant: config.quota.tenant, key };
}

/** Of the lines of one turn. A failure to count lets a line through, as it does a request. */
export async function lineQuota(
  context: RequestContext,
  { tenant, key_id }: { tenant: string; key_id: string | null },
): Promise<LineQuota> {
  const keyId = key_id ?? NO_KEY;
  const limits = await limitsOf(context, tenant, keyId);
  const quota = quotaOf(context.bindings, tenant);
  return {
    take: async () => {
      try {
        const { allowed, states } = await quota.take(keyId, limits, { leaving: LEFT_TO_REQUESTS });
        if (allowed) return null;
        const reached = states.filter(
          ({ remaining, limit }) => remaining <= Math.floor(LEFT_TO_REQUESTS * limit),
        );
        const retryAfterS = Math.max(1, ...reached.map(({ resetS }) => resetS));
        const which = reached.map(({ name, limit }) => `${name} (${limit} requests)`).join(" and ");
        const detail = `The line waits for ${retryAfterS} s: lines count as requests, and this limit is reached: ${which}.`;
        return new ProblemError("rate_limited", detail, { retryAfterS });
      } catch (error) {
        logFailure("a line of an import was not counted", { tenant, key_id: keyId }, error);
        return null;
      }
    },
  };
}
