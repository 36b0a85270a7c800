// Whose work comes next: tenants take turns by what they hold now and then by what they have had, each in proportion to
// its weight (max-min fair shares, ties by start-time fair queueing). Within a tenant what somebody waits for comes first.

/** In the order in which a tenant's own work goes; only the first has somebody waiting for it. */
export const URGENCIES = ["interactive", "queued_check", "reference", "maintenance"] as const;
export type Urgency = (typeof URGENCIES)[number];

export interface Asker {
  tenant: string;
  urgency: Urgency;
}

export interface TurnRules {
  /** ConcurrencyLimiter of all tenants. */
  maxRunning: number;
  /** ConcurrencyLimiter of one tenant, also when nobody else wants one. */
  tenantMaxRunning: number;
  /** ConcurrencyLimiter that no tenant takes beyond its share while another one has had work lately. */
  reserved: number;
  /** 1 for a tenant that is not named. */
  weights: ReadonlyMap<string, number>;
}

/** So long a tenant counts as one of those that share. */
const LATELY_MS = 10 * 60_000;
/** Of a tenant's turns, one in so many goes to what waits longest, however little urgent. */
const OLDEST_EVERY = 4;

export interface Turn extends Asker {
  begin(): void;
  refuse(error: Error): void;
}

interface Tenant {
  weight: number;
  running: number;
  waiting: Turn[];
  /** Milliseconds of slots had, divided by the weight. */
  hadMs: number;
  turns: number;
  seenMs: number;
}

export class TenantTurns {
  readonly #rules: TurnRules;
  readonly #now: () => number;
  readonly #tenants = new Map<string, Tenant>();
  #running = 0;
  #waiting = 0;

  constructor(rules: TurnRules, now: () => number = () => performance.now()) {
    this.#rules = rules;
    this.#now = now;
  }

  get waiting(): number {
    return this.#waiting;
  }

  waitingOf(tenant: string): number {
    return this.#tenants.get(tenant)?.waiting.length ?? 0;
  }

  add(turn: Turn): void {
    this.#seen(turn.tenant).waiting.push(turn);
    this.#waiting++;
  }

  /** False when it has had its turn, or was taken away before. */
  remove(turn: Turn): boolean {
    const waiting = this.#tenants.get(turn.tenant)?.waiting ?? [];
    const at = waiting.indexOf(turn);
    if (at < 0) return false;
    waiting.splice(at, 1);
    this.#waiting--;
    return true;
  }

  /** The turn that gets a slot now, which it holds until `ended`; null when none may. */
  next(): Turn | null {
    const [name, tenant] = this.#fairest() ?? [];
    if (name === undefined || tenant === undefined) return null;
    tenant.turns++;
    const turn = mostUrgent(tenant);
    this.remove(turn);
    tenant.running++;
    this.#running++;
    return turn;
  }

  ended({ tenant: name }: Asker, heldMs: number): void {
    const tenant = this.#seen(name);
    tenant.running--;
    this.#running--;
    tenant.hadMs += heldMs / tenant.weight;
  }

  /** What came last and is least urgent of the tenant that has most waiting for its weight. */
  last(): Turn | null {
    let most: Tenant | null = null;
    for (const tenant of this.#tenants.values())
      if (most === null || tenant.waiting.length / tenant.weight > most.waiting.length / most.weight)
        most = tenant;
    return (
      most?.waiting.reduceRight<Turn | null>(
        (last, turn) => (last === null || rank(turn) > rank(last) ? turn : last),
        null,
      ) ?? null
    );
  }

  all(): Turn[] {
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

  /** A tenant that comes back has saved up nothing. */
  #seen(name: string): Tenant {
    const weight = this.#rules.weights.get(name) ?? 1;
    const tenant = this.#tenants.get(name) ?? {
      weight,
      running: 0,
      waiting: [],
      hadMs: 0,
      turns: 0,
      seenMs: 0,
    };
    if (isIdle(tenant)) {
      const busy = [...this.#tenants.values()].filter((other) => !isIdle(other));
      const least = Math.min(...busy.map(({ hadMs }) => hadMs));
      if (busy.length > 0) tenant.hadMs = Math.max(tenant.hadMs, least);
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

const rank = ({ urgency }: Turn) => URGENCIES.indexOf(urgency);
const isIdle = ({ running, waiting }: Tenant) => running === 0 && waiting.length === 0;

function isBefore(a: Tenant, b: Tenant): boolean {
  const [heldA, heldB] = [a.running / a.weight, b.running / b.weight];
  return heldA === heldB ? a.hadMs < b.hadMs : heldA < heldB;
}

function mostUrgent({ waiting, turns }: Tenant): Turn {
  const oldest = waiting[0] as Turn;
  if (turns % OLDEST_EVERY === 0) return oldest;
  return waiting.reduce((first, turn) => (rank(turn) < rank(first) ? turn : first), oldest);
}
