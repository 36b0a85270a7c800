// The arithmetic of quotas: requests of a tenant and of one of its keys, in the running minute and day (UTC).

import type { RateLimits } from "../platform/configuration.ts";

/** What has been let through in the running minute and day. */
export interface Used {
  inMinute: number;
  inDay: number;
}

export interface QuotaState {
  name: "tenant-minute" | "tenant-day" | "key-minute" | "key-day";
  limit: number;
  windowS: number;
  remaining: number;
  /** Seconds until the window ends. */
  resetS: number;
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 3600_000;

const untilNext = (windowMs: number, nowMs: number) => Math.ceil((windowMs - (nowMs % windowMs)) / 1000);

export function quotaStates(
  limits: { tenant: RateLimits; key: RateLimits },
  used: { tenant: Used; key: Used },
  nowMs: number,
): QuotaState[] {
  return (["tenant", "key"] as const).flatMap((whose) => {
    const state = (name: "minute" | "day", limit: number, count: number): QuotaState => {
      const windowMs = name === "minute" ? MINUTE_MS : DAY_MS;
      return {
        name: `${whose}-${name}`,
        limit,
        windowS: windowMs / 1000,
        remaining: Math.max(0, limit - count),
        resetS: untilNext(windowMs, nowMs),
      };
    };
    return [
      state("minute", limits[whose].perMinute, used[whose].inMinute),
      state("day", limits[whose].perDay, used[whose].inDay),
    ];
  });
}
