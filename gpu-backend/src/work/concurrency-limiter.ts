// Bounds how many analyses run at once and how many may wait, of each tenant and in all; tenants take turns.

import { ProblemError } from "@twinframe/shared/problem";
import { type Asker, TenantTurns, type Turn, type TurnRules } from "./fair-queue.ts";
import { shuttingDown } from "./shutting-down.ts";
import { noteSlot } from "./work-record.ts";

export interface SlotLimits extends TurnRules {
  /** Of all tenants. */
  maxWaiting: number;
  /** Of one tenant; what nobody waits for takes half of them at most. */
  tenantMaxWaiting: number;
}

/** What a place among the waiting is asked for again after. */
const RETRY_AFTER_S = 5;

export class ConcurrencyLimiter {
  readonly #limits: SlotLimits;
  readonly #turns: TenantTurns;
  #closed = false;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
    this.#turns = new TenantTurns(limits);
  }

  /**
   * Runs `work` when its tenant has its turn. Throws at once `too_much_at_once` when as much of this tenant waits as
   * may, `overloaded` when too much of all does. Rejects with the signal's reason when that fires before the turn.
   */
  async run<T>(asker: Asker, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#wait(asker, signal);
    const startedMs = performance.now();
    noteSlot();
    try {
      return await work();
    } finally {
      this.#turns.ended(asker, performance.now() - startedMs);
      this.#begin();
    }
  }

  /** What has not begun does not begin any more; what runs goes on. */
  close(): void {
    this.#closed = true;
    for (const turn of this.#turns.all()) this.#refuse(turn, shuttingDown());
  }

  async #wait(asker: Asker, signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed) throw shuttingDown();
    signal?.throwIfAborted();
    const { promise, resolve: begin, reject: refuse } = Promise.withResolvers<void>();
    const turn: Turn = { ...asker, begin, refuse };
    this.#turns.add(turn);
    this.#begin();
    // What began at once has waited for nothing.
    if (this.#turns.remove(turn)) this.#admit(turn);
    const leave = () => this.#refuse(turn, signal?.reason);
    signal?.addEventListener("abort", leave);
    await promise.finally(() => signal?.removeEventListener("abort", leave));
  }

  /** Lets it wait, when need be in the place of what the tenant with most waiting has sent last. */
  #admit(turn: Turn): void {
    const { maxWaiting, tenantMaxWaiting } = this.#limits;
    const mine = this.#turns.waitingOf(turn.tenant);
    const most = turn.urgency === "interactive" ? tenantMaxWaiting : Math.ceil(tenantMaxWaiting / 2);
    if (mine >= most) {
      turn.refuse(tooMuchOfTenant(most));
      return;
    }
    this.#turns.add(turn);
    if (this.#turns.waiting <= maxWaiting) return;
    const last = this.#turns.last();
    if (last !== null) this.#refuse(last, tooMuchOfAll());
  }

  #refuse(turn: Turn, error: Error): void {
    if (this.#turns.remove(turn)) turn.refuse(error);
  }

  #begin(): void {
    for (let turn = this.#turns.next(); turn !== null; turn = this.#turns.next()) turn.begin();
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
