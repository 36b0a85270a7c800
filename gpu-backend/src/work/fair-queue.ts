// The order of waiting work: tenants take turns by what they run now and then by the time that they have had, each in
// proportion to its weight (max-min fair shares, ties by start-time fair queueing). Within a tenant `interactive` work
// comes first.

/** In the order in which a tenant's own work runs; only for the first somebody waits. */
export const URGENCIES = ["interactive", "queued_check", "reference", "maintenance"] as const;
export type Urgency = (typeof URGENCIES)[number];

export interface Requester {
  tenant: string;
  urgency: Urgency;
}

export interface FairShareSettings {
  /** Pieces of work at once, of all tenants. */
  maxRunning: number;
  /** Pieces of work at once of one tenant, also when no other tenant has any. */
  tenantMaxRunning: number;
  /** Of `maxRunning`, those that no tenant takes beyond its share while another one has had work lately. */
  reserved: number;
  /** 1 for a tenant that is not named. */
  weights: ReadonlyMap<string, number>;
}

/** So long a tenant counts as one of those that share. */
const LATELY_MS = 10 * 60_000;
/** Of a tenant's turns, one in so many goes to what waits longest, however little urgent. */
const OLDEST_EVERY = 4;

export interface Waiter extends Requester {
  begin(): void;
  refuse(error: Error): void;
}

interface Tenant {
  weight: number;
  running: number;
  waiting: Waiter[];
  /** Milliseconds of running, divided by the weight. */
  ranMs: number;
  turns: number;
  seenMs: number;
}

export class FairQueue {
  readonly #rules: FairShareSettings;
  readonly #now: () => number;
  readonly #tenants = new Map<string, Tenant>();
  #running = 0;
  #waiting = 0;

  constructor(rules: FairShareSettings, now: () => number = () => performance.now()) {
    this.#rules = rules;
    this.#now = now;
  }

  get waiting(): number {
    return this.#waiting;
  }

  waitingOf(tenant: string): number {
    return this.#tenants.get(tenant)?.waiting.length ?? 0;
  }

  add(waiter: Waiter): void {
    this.#seen(waiter.tenant).waiting.push(waiter);
    this.#waiting++;
  }

  /** False when its turn has come, or it was removed before. */
  remove(waiter: Waiter): boolean {
    const waiting = this.#tenants.get(waiter.tenant)?.waiting ?? [];
    const at = waiting.indexOf(waiter);
    if (at < 0) return false;
    waiting.splice(at, 1);
    this.#waiting--;
    return true;
  }

  /** Takes what may begin now, which counts as running until `ended`; null when nothing may. */
  next(): Waiter | null {
    const [name, tenant] = this.#fairest() ?? [];
    if (name === undefined || tenant === undefined) return null;
    tenant.turns++;
    const waiter = mostUrgent(tenant);
    this.remove(waiter);
    tenant.running++;
    this.#running++;
    return waiter;
  }

  ended({ tenant: name }: Requester, heldMs: number): void {
    const tenant = this.#seen(name);
    tenant.running--;
    this.#running--;
    tenant.ranMs += heldMs / tenant.weight;
  }

  /** The latest of the least urgent work of the tenant with most waiting for its weight. */
  last(): Waiter | null {
    let most: Tenant | null = null;
    for (const tenant of this.#tenants.values())
      if (most === null || tenant.waiting.length / tenant.weight > most.waiting.length / most.weight)
        most = tenant;
    return (
      most?.waiting.reduceRight<Waiter | null>(
        (last, waiter) => (last === null || rank(waiter) > rank(last) ? waiter : last),
        null,
      ) ?? null
    );
  }

  all(): Waiter[] {
    return [...this.#tenants.values()].flatMap(({ waiting }) => waiting);
  }

  #fairest(): [string, Tenant] | null {
    this.#forgetIdle();
    let weights = 0;
    for (const { weight } of this.#tenants.values()) weights += weight;
    let fairest: [string, Tenant] | null = null;
    for (const entry of this.#tenants)
      if (this.#mayBegin(entry[1], weights) && (fairest === null || isBefore(entry[1], fairest[1])))
        fairest = entry;
    return fairest;
  }

  #mayBegin({ waiting, running, weight }: Tenant, weights: number): boolean {
    const { maxRunning, tenantMaxRunning, reserved } = this.#rules;
    const free = maxRunning - this.#running;
    if (waiting.length === 0 || free <= 0 || running >= tenantMaxRunning) return false;
    const share = Math.max(1, Math.floor((maxRunning * weight) / weights));
    return running < share || free > Math.min(reserved, maxRunning - 1);
  }

  /** A tenant that was idle gets no credit for it. */
  #seen(name: string): Tenant {
    const weight = this.#rules.weights.get(name) ?? 1;
    const tenant = this.#tenants.get(name) ?? {
      weight,
      running: 0,
      waiting: [],
      ranMs: 0,
      turns: 0,
      seenMs: 0,
    };
    if (isIdle(tenant)) {
      const busy = [...this.#tenants.values()].filter((other) => !isIdle(other));
      const least = Math.min(...busy.map(({ ranMs }) => ranMs));
      if (busy.length > 0) tenant.ranMs = Math.max(tenant.ranMs, least);
    }
    tenant.seenMs = this.#now();
    this.#tenants.set(name, tenant);
    return tenant;
  }

  #forgetIdle(): void {
    const sinceMs = this.#now() - LATELY_MS;
    for (const [name, tenant] of this.#tenants)
      if (isIdle(tenant) && tenant.seenMs < sinceMs) this.#tenants.delete(name);
  }
}

const rank = ({ urgency }: Waiter) => URGENCIES.indexOf(urgency);
const isIdle = ({ running, waiting }: Tenant) => running === 0 && waiting.length === 0;

function isBefore(a: Tenant, b: Tenant): boolean {
  const [heldA, heldB] = [a.running / a.weight, b.running / b.weight];
  return heldA === heldB ? a.ranMs < b.ranMs : heldA < heldB;
}

function mostUrgent({ waiting, turns }: Tenant): Waiter {
  const oldest = waiting[0] as Waiter;
  if (turns % OLDEST_EVERY === 0) return oldest;
  return waiting.reduce((first, waiter) => (rank(waiter) < rank(first) ? waiter : first), oldest);
}
