// Bounds how many analyses run at once and how many may wait, of each tenant and in all; tenants take turns (fair-queue.ts).

import { ProblemError } from "@twinframe/shared/problem";
import { FairQueue, type FairShareSettings, type Requester, type Waiter } from "./fair-queue.ts";
import { shuttingDown } from "./shutting-down.ts";
import { noteAdmitted } from "./work-record.ts";

export interface LimiterSettings extends FairShareSettings {
  /** Of all tenants. */
  maxWaiting: number;
  /** Of one tenant; work other than `interactive` takes half of them at most. */
  tenantMaxWaiting: number;
}

const RETRY_AFTER_S = 5;

export class ConcurrencyLimiter {
  readonly #limits: LimiterSettings;
  readonly #queue: FairQueue;
  #closed = false;

  constructor(limits: LimiterSettings) {
    this.#limits = limits;
    this.#queue = new FairQueue(limits);
  }

  /**
   * Runs `work` when its tenant's turn comes. Throws at once `too_much_at_once` when this tenant's waiting places are
   * taken, `overloaded` when all places are. Rejects with the signal's reason when that fires before the turn.
   */
  async run<T>(requester: Requester, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#wait(requester, signal);
    const startedMs = performance.now();
    noteAdmitted();
    try {
      return await work();
    } finally {
      this.#queue.ended(requester, performance.now() - startedMs);
      this.#begin();
    }
  }

  /** Refuses what waits and what comes; what runs continues. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#queue.all()) this.#refuse(waiter, shuttingDown());
  }

  async #wait(requester: Requester, signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed) throw shuttingDown();
    signal?.throwIfAborted();
    const { promise, resolve: begin, reject: refuse } = Promise.withResolvers<void>();
    const waiter: Waiter = { ...requester, begin, refuse };
    this.#queue.add(waiter);
    this.#begin();
    // Still in the queue: it did not begin at once, and needs a waiting place.
    if (this.#queue.remove(waiter)) this.#admit(waiter);
    const leave = () => this.#refuse(waiter, signal?.reason);
    signal?.addEventListener("abort", leave);
    await promise.finally(() => signal?.removeEventListener("abort", leave));
  }

  /** Gives it a waiting place, when all are taken that of the latest work of the tenant with most waiting. */
  #admit(waiter: Waiter): void {
    const { maxWaiting, tenantMaxWaiting } = this.#limits;
    const mine = this.#queue.waitingOf(waiter.tenant);
    const most = waiter.urgency === "interactive" ? tenantMaxWaiting : Math.ceil(tenantMaxWaiting / 2);
    if (mine >= most) {
      waiter.refuse(tooMuchOfTenant(most));
      return;
    }
    this.#queue.add(waiter);
    if (this.#queue.waiting <= maxWaiting) return;
    const last = this.#queue.last();
    if (last !== null) this.#refuse(last, tooMuchOfAll());
  }

  #refuse(waiter: Waiter, error: Error): void {
    if (this.#queue.remove(waiter)) waiter.refuse(error);
  }

  #begin(): void {
    for (let waiter = this.#queue.next(); waiter !== null; waiter = this.#queue.next()) waiter.begin();
  }
}

const tooMuchOfTenant = (most: number) =>
  new ProblemError(
    "too_much_at_once",
    `As much work of this tenant is waiting as may (${most}). Send again in ${RETRY_AFTER_S} s, and less at once.`,
    { retryAfterS: RETRY_AFTER_S },
  );

const tooMuchOfAll = () =>
  new ProblemError("overloaded", "More analyses are waiting than allowed; try again shortly.", {
    retryAfterS: 10,
  });
