// One request less: asks the tenant's quota object, and tells the client what is left. A request that may hold much
// takes one of the tenant's places until it is answered.

import { ProblemError } from "@twinframe/shared/problem";
import { within } from "../platform/deadline.ts";
import type { Caller } from "../platform/http/caller.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import type { QuotaState } from "./limits.ts";
import { quotaOf, tooMuchAtOnce } from "./places.ts";
import type { Place } from "./store/quota-places.ts";
import type { Taken } from "./tenant-quota.ts";

/** Longer than it ever takes, unless more requests wait than one object can count. */
const ANSWER_WITHIN_MS = 2_000;

/** Letting these through would make a flood the way around the limits. */
const tooMany = () =>
  new ProblemError("overloaded", "More requests come than can be counted. Send again in a moment.", {
    retryAfterS: 2,
  });

/** Null when the counting itself failed: the request is then let through, uncounted. Problem: `overloaded`. */
async function take(
  { bindings, config }: RequestContext,
  caller: Caller,
  place: Place | undefined,
): Promise<Taken | null> {
  const { tenant, key } = config.quota;
  const limits = {
    tenant,
    key: {
      perMinute: caller.limits.perMinute ?? key.perMinute,
      perDay: caller.limits.perDay ?? key.perDay,
    },
  };
  try {
    const taking = quotaOf(bindings, caller.tenant).take(caller.keyId, limits, { place });
    return await within(Promise.resolve(taking), {
      ms: ANSWER_WITHIN_MS,
      expired: tooMany,
    });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if ((error as { overloaded?: boolean }).overloaded) throw tooMany();
    logFailure("a request was not counted", { tenant: caller.tenant, key_id: caller.keyId }, error);
    return null;
  }
}

/** As draft-ietf-httpapi-ratelimit-headers-10 writes them. */
function headersOf(states: readonly QuotaState[]): Record<string, string> {
  const list = (item: (state: QuotaState) => string) => states.map(item).join(", ");
  return {
    "ratelimit-policy": list(({ name, limit, windowS }) => `"${name}";q=${limit};w=${windowS}`),
    ratelimit: list(({ name, remaining, resetS }) => `"${name}";r=${remaining};t=${resetS}`),
  };
}

export interface Passed {
  headers: Record<string, string>;
  /** What to answer instead, where a limit is reached. */
  refusal: ProblemError | null;
}

export async function passQuota(context: RequestContext, caller: Caller, place?: Place): Promise<Passed> {
  const taken = await take(context, caller, place);
  if (taken === null) return { headers: {}, refusal: null };
  const headers = headersOf(taken.states);
  if (taken.allowed) return { headers, refusal: null };
  if (taken.crowded) return { headers, refusal: tooMuchAtOnce(`${place?.most} requests at work`, 1) };
  const reached = taken.states.filter((state) => state.remaining === 0);
  const retryAfterS = Math.max(...reached.map((state) => state.resetS));
  const which = reached.map(({ name, limit }) => `${name} (${limit} requests)`).join(" and ");
  const refusal = new ProblemError(
    "rate_limited",
    `This limit is reached: ${which}. Send again in ${retryAfterS} s; RateLimit tells what is left.`,
    { retryAfterS },
  );
  return { headers, refusal };
}
