import { DurableObject } from "cloudflare:workers";
import type { Usage } from "@twinframe/shared/contract";
import type { RateLimits } from "../platform/configuration.ts";
import type { Env } from "../platform/env.ts";
import type { JobMessage } from "../platform/queue/messages.ts";
import { BOOTSTRAP_KEY_ID } from "./caller.ts";
import { DAY_MS, MINUTE_MS, type QuotaState, quotaStates } from "./limits.ts";
import { createBacklog, forgetBacklog, forgetKept, keepForLater, takeKept } from "./store/quota-backlog.ts";
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
} from "./store/quota-counters.ts";
import {
  countPlaces,
  createPlaces,
  leavePlace,
  type Place,
  type PlaceKind,
  takePlace,
} from "./store/quota-places.ts";

const KEEP_DAYS = 400;
/** Counted with the tenant `default`, which they do not belong to. */
const OPERATORS = BOOTSTRAP_KEY_ID;

export interface Taken {
  allowed: boolean;
  states: QuotaState[];
  /** Set when the limits allowed it, and all places of its kind were taken. */
  crowded?: true;
}

export interface TakeOptions {
  /** The place that it needs while it is worked on. */
  place?: Place | undefined;
  /** Of every limit, this part is left to others. */
  leaving?: number | undefined;
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Counts a tenant's requests, one after the other: the one place that knows them all. */
export class TenantQuota extends DurableObject<Env> {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    createCounters(this.#sql);
    createPlaces(this.#sql);
    createBacklog(this.#sql);
  }

  /** Counts a request of the key, unless one of the limits is reached. The count is durable before the answer. */
  take(
    keyId: string,
    limits: { tenant: RateLimits; key: RateLimits },
    { place, leaving = 0 }: TakeOptions = {},
  ): Taken {
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
    const isReached = before.some(({ remaining, limit }) => remaining <= Math.floor(leaving * limit));
    const crowded = !isReached && place !== undefined && !takePlace(this.#sql, place, nowMs);
    if (isReached || crowded) {
      countRefused(this.#sql, day, keyId, minute);
      return { allowed: false, states: before, ...(crowded ? { crowded } : {}) };
    }
    if (rows.length === 0) forgetUsageBefore(this.#sql, dayOf(nowMs - KEEP_DAYS * DAY_MS));
    countLetThrough(this.#sql, day, keyId, minute);
    return { allowed: true, states: before.map((state) => ({ ...state, remaining: state.remaining - 1 })) };
  }

  /** A place alone, without a request. */
  enter(place: Place): boolean {
    return takePlace(this.#sql, place, Date.now());
  }

  leave(kind: PlaceKind, id: string): void {
    leavePlace(this.#sql, kind, id);
  }

  /**
   * Whether a message's job may be worked on now. When not, the message is kept here, and given back by the `endJob` of
   * another one.
   */
  beginJob(place: Place, message: JobMessage): boolean {
    const begins = takePlace(this.#sql, place, Date.now());
    if (begins) forgetKept(this.#sql, place.id);
    else keepForLater(this.#sql, place.id, message);
    return begins;
  }

  /** Messages that may be sent now in its place: one a free place, since what a crash took may have left more. */
  endJob({ id, most }: { id: string; most: number }): JobMessage[] {
    leavePlace(this.#sql, "queued_job", id);
    return takeKept(this.#sql, most - countPlaces(this.#sql, "queued_job", Date.now()));
  }

  /** Forgets what the tenant's keys have used; how many rows that was. The operator's own requests are not the tenant's. */
  forget(): number {
    forgetBacklog(this.#sql);
    return forgetUsage(this.#sql, OPERATORS);
  }

  size(): number {
    return countUsage(this.#sql, OPERATORS);
  }

  usage(range: UsageRange): Usage[] {
    return usageOf(this.#sql, range);
  }
}

declare module "../platform/env.ts" {
  interface Bindings {
    QUOTAS: DurableObjectNamespace<TenantQuota>;
  }
}
