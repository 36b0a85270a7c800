import { DurableObject } from "cloudflare:workers";
import type { Usage } from "@twinframe/shared/contract";
import type { Env } from "../env.ts";
import { BOOTSTRAP_KEY_ID } from "../keys/caller.ts";
import {
  type CounterRow,
  countersOf,
  countLetThrough,
  countRefused,
  countUsage,
  createCounters,
  forgetUsage,
  forgetUsageBefore,
  type UsageRange,
  usageOf,
  WHOLE_TENANT,
} from "../stores/quota-counters.ts";
import { DAY_MS, type Limits, MINUTE_MS, type QuotaState, quotaStates } from "./limits.ts";

const KEEP_DAYS = 400;
/** Counted with the tenant `default`, which they do not belong to. */
const OPERATORS = BOOTSTRAP_KEY_ID;

export interface Taken {
  allowed: boolean;
  states: QuotaState[];
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Counts a tenant's requests, one after the other: the one place that knows them all. */
export class TenantQuota extends DurableObject<Env> {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    createCounters(this.#sql);
  }

  /** Counts a request of the key, unless one of the limits is reached. The count is durable before the answer. */
  take(keyId: string, limits: { tenant: Limits; key: Limits }): Taken {
    const nowMs = Date.now();
    const day = dayOf(nowMs);
    const minute = Math.floor(nowMs / MINUTE_MS);
    const rows = countersOf(this.#sql, day, keyId);
    const usedBy = (id: string) => {
      const row: CounterRow | undefined = rows.find((one) => one.key_id === id);
      return { inDay: row?.requests ?? 0, inMinute: row?.minute === minute ? row.in_minute : 0 };
    };
    const used = { tenant: usedBy(WHOLE_TENANT), key: usedBy(keyId) };
    const before = quotaStates(limits, used, nowMs);
    if (before.some((state) => state.remaining === 0)) {
      countRefused(this.#sql, day, keyId, minute);
      return { allowed: false, states: before };
    }
    if (rows.length === 0) forgetUsageBefore(this.#sql, dayOf(nowMs - KEEP_DAYS * DAY_MS));
    countLetThrough(this.#sql, day, keyId, minute);
    return { allowed: true, states: before.map((state) => ({ ...state, remaining: state.remaining - 1 })) };
  }

  /** Forgets what the tenant's keys have used; how many rows that was. The operator's own requests are not the tenant's. */
  forget(): number {
    return forgetUsage(this.#sql, OPERATORS);
  }

  size(): number {
    return countUsage(this.#sql, OPERATORS);
  }

  usage(range: UsageRange): Usage[] {
    return usageOf(this.#sql, range);
  }
}
