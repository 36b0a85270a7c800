import { describe, expect, it } from "vitest";
import { ConcurrencyLimiter, type SlotLimits } from "./concurrency-limiter.ts";
import { type Asker, TenantTurns, type Urgency } from "./fair-queue.ts";
import { Isolation } from "./isolation.ts";
import { KeyedMutex } from "./keyed-mutex.ts";

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

const LIMITS: SlotLimits = {
  maxRunning: 2,
  maxWaiting: 10,
  tenantMaxRunning: 2,
  tenantMaxWaiting: 10,
  reserved: 0,
  weights: new Map(),
};
const by = (tenant: string, urgency: Urgency = "interactive"): Asker => ({ tenant, urgency });
const ONE = by("one");

/** Work that says when it begins and ends when told; what is refused is told by its code. */
function recorded(limits: Partial<SlotLimits>) {
  const slots = new ConcurrencyLimiter({ ...LIMITS, ...limits });
  const begun: string[] = [];
  const refused: string[] = [];
  const gates = new Map<string, () => void>();
  const send = async (name: string, asker: Asker, signal?: AbortSignal) => {
    const { open, opened } = gate();
    gates.set(name, open);
    const work = async () => {
      begun.push(name);
      await opened;
    };
    await slots
      .run(asker, work, signal)
      .catch((error) => refused.push(`${name}: ${error.code ?? error.message}`));
  };
  return {
    slots,
    begun,
    refused,
    send: (name: string, asker: Asker, signal?: AbortSignal) => void send(name, asker, signal),
    end: async (name: string) => {
      gates.get(name)?.();
      await turn();
    },
  };
}

describe("ConcurrencyLimiter", () => {
  it("runs no more than allowed, the rest in the order they came", async () => {
    const { send, end, begun } = recorded({});
    for (const name of ["a", "b", "c", "d"]) send(name, ONE);
    await turn();
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c"]);
    await end("a");
    expect(begun).toEqual(["a", "b", "c", "d"]);
  });

  it("refuses at once what may not even wait, and takes work again after a failure", async () => {
    const slots = new ConcurrencyLimiter({ ...LIMITS, maxRunning: 1, maxWaiting: 1 });
    const { open, opened } = gate();
    const running = slots.run(ONE, () => opened);
    const failed = expect(
      slots.run(ONE, async () => {
        throw new Error("failed");
      }),
    ).rejects.toThrow("failed");
    await turn();
    await expect(slots.run(ONE, async () => {})).rejects.toMatchObject({ code: "overloaded" });
    open();
    await running;
    await failed;
    expect(await slots.run(ONE, async () => "free")).toBe("free");
  });

  it("begins nothing more once it is closed, and lets end what runs", async () => {
    const slots = new ConcurrencyLimiter({ ...LIMITS, maxRunning: 1 });
    const { open, opened } = gate();
    const running = slots.run(ONE, () => opened);
    const waiting = expect(slots.run(ONE, async () => {})).rejects.toMatchObject({
      code: "backend_unavailable",
    });
    slots.close();
    await waiting;
    await expect(slots.run(ONE, async () => {})).rejects.toMatchObject({ code: "backend_unavailable" });
    open();
    await running;
  });

  it("forgets what is stopped while it waits", async () => {
    const { send, begun, refused, end } = recorded({ maxRunning: 1, tenantMaxWaiting: 1 });
    const stop = new AbortController();
    send("a", ONE);
    send("stopped", ONE, stop.signal);
    await turn();
    stop.abort(new Error("stopped"));
    await turn();
    send("b", ONE);
    await end("a");
    expect([begun, refused]).toEqual([["a", "b"], ["stopped: stopped"]]);
  });
});

describe("ConcurrencyLimiter of several tenants", () => {
  it("260 analyses of one tenant refuse none of another one's, whose turn is the next", async () => {
    const { send, begun, refused, end } = recorded({ maxWaiting: 256, tenantMaxWaiting: 256 });
    for (let i = 0; i < 260; i++) send(`flood ${i}`, by("flood"));
    await turn();
    expect(refused).toEqual(["flood 258: too_much_at_once", "flood 259: too_much_at_once"]);
    // All places are taken: it gets that of the one who came last.
    send("quiet", by("quiet"));
    await turn();
    expect(refused.slice(2)).toEqual(["flood 257: overloaded"]);
    await end("flood 0");
    expect(begun).toEqual(["flood 0", "flood 1", "quiet"]);
  });

  it("a tenant's cap on what runs holds while slots are free", async () => {
    const { send, begun, end } = recorded({ maxRunning: 4, tenantMaxRunning: 2 });
    for (const name of ["a", "b", "c"]) send(name, ONE);
    send("other", by("other"));
    await turn();
    expect(begun).toEqual(["a", "b", "other"]);
    await end("other");
    expect(begun).not.toContain("c");
    await end("a");
    expect(begun).toContain("c");
  });

  it("keeps a slot free for others while there are any, and only then", async () => {
    const alone = recorded({ maxRunning: 4, tenantMaxRunning: 4, reserved: 1 });
    for (const name of ["a", "b", "c", "d"]) alone.send(name, ONE);
    await turn();
    expect(alone.begun).toEqual(["a", "b", "c", "d"]);
    alone.send("quiet", by("quiet"));
    alone.send("e", ONE);
    await alone.end("a");
    await alone.end("b");
    // One slot is free, and stays so: the flood has its share of two and the quiet one may come again.
    expect(alone.begun.slice(4)).toEqual(["quiet"]);
    alone.send("quiet again", by("quiet"));
    await turn();
    expect(alone.begun.slice(4)).toEqual(["quiet", "quiet again"]);
  });

  it("what nobody waits for leaves half of the places to what somebody does", async () => {
    const { send, refused } = recorded({ maxRunning: 1, tenantMaxWaiting: 4 });
    send("runs", ONE);
    for (let i = 0; i < 4; i++) send(`reference ${i}`, by("one", "reference"));
    for (let i = 0; i < 3; i++) send(`check ${i}`, ONE);
    await turn();
    expect(refused).toEqual([
      "reference 2: too_much_at_once",
      "reference 3: too_much_at_once",
      "check 2: too_much_at_once",
    ]);
  });
});

/** Whose turns come when all always have work of 10 ms, of 100 turns. */
function shares(weights: Record<string, number>, maxRunning: number): Record<string, number> {
  const rules = {
    maxRunning,
    tenantMaxRunning: maxRunning,
    reserved: 0,
    weights: new Map(Object.entries(weights)),
  };
  const turns = new TenantTurns(rules, () => 0);
  const had = Object.fromEntries(Object.keys(weights).map((name) => [name, 0]));
  const add = (tenant: string) => turns.add({ ...by(tenant), begin: () => {}, refuse: () => {} });
  for (const name of Object.keys(weights)) for (let i = 0; i < 5; i++) add(name);
  const running: string[] = [];
  for (let i = 0; i < 100; i++) {
    for (let next = turns.next(); next !== null; next = turns.next()) {
      running.push(next.tenant);
      had[next.tenant]!++;
      add(next.tenant);
    }
    turns.ended(by(running.shift()!), 10);
  }
  return had;
}

describe("TenantTurns", () => {
  it("shares one slot, and several, by weight", () => {
    expect(shares({ a: 1, b: 1 }, 1)).toEqual({ a: 50, b: 50 });
    expect(shares({ a: 3, b: 1 }, 1)).toEqual({ a: 75, b: 25 });
    const { a, b } = shares({ a: 3, b: 1 }, 4);
    expect(a! / b!).toBeCloseTo(3, 0);
  });

  it("lets nobody save up turns while idle", () => {
    const turns = new TenantTurns({ ...LIMITS, maxRunning: 1 }, () => 0);
    const add = (tenant: string) => turns.add({ ...by(tenant), begin: () => {}, refuse: () => {} });
    for (let i = 0; i < 20; i++) add("busy");
    for (let i = 0; i < 10; i++) {
      turns.next();
      turns.ended(by("busy"), 1000);
    }
    for (let i = 0; i < 5; i++) add("late");
    const order = Array.from({ length: 4 }, () => {
      const { tenant } = turns.next()!;
      turns.ended(by(tenant), 1000);
      return tenant;
    });
    expect(order.filter((tenant) => tenant === "late")).toHaveLength(2);
  });

  it("takes what somebody waits for first, and yet not for ever", () => {
    const turns = new TenantTurns({ ...LIMITS, maxRunning: 100, tenantMaxRunning: 100 }, () => 0);
    const order: Urgency[] = ["maintenance", "reference", "queued_check", "interactive"];
    const add = (urgency: Urgency) => turns.add({ ...by("one", urgency), begin: () => {}, refuse: () => {} });
    order.forEach(add);
    for (let i = 0; i < 4; i++) add("interactive");
    const taken = Array.from({ length: 8 }, () => turns.next()!.urgency);
    expect(taken.slice(0, 4)).toEqual(["interactive", "interactive", "interactive", "maintenance"]);
    expect(taken.slice(4)).toEqual(["interactive", "interactive", "queued_check", "reference"]);
  });
});

describe("KeyedMutex", () => {
  it("lets one at a time into a library, also after a failure, and others into others", async () => {
    const lock = new KeyedMutex();
    const { open, opened } = gate();
    const order: string[] = [];
    const first = lock.hold("a", async () => {
      await opened;
      order.push("first");
      throw new Error("failed");
    });
    const second = lock.hold("a", async () => order.push("second"));
    await lock.hold("b", async () => order.push("elsewhere"));
    open();
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(order).toEqual(["elsewhere", "first", "second"]);
  });
});

describe("Isolation", () => {
  const never = new AbortController().signal;

  /** Four slots behind an isolation; each piece of work says when it begins, and ends when it is told to. */
  function isolated() {
    const slots = new ConcurrencyLimiter({ ...LIMITS, maxRunning: 4, tenantMaxRunning: 4 });
    const isolation = new Isolation(2);
    const begun: string[] = [];
    const gates = new Map<string, ReturnType<typeof gate>>();
    const start = (name: string, crashes: number, signal = never) => {
      gates.set(name, gate());
      const work = async () => {
        begun.push(name);
        await gates.get(name)?.opened;
      };
      return isolation.run(crashes, signal, (gated) => slots.run(ONE, gated, signal), work);
    };
    const end = async (name: string) => {
      gates.get(name)?.open();
      await turn();
    };
    return { start, end, begun };
  }

  it("runs what broke off once beside others, one at a time, and leaves the other slots to others", async () => {
    const { start, end, begun } = isolated();
    for (const name of ["once-a", "once-b", "once-c"]) void start(name, 1);
    await turn();
    for (const name of ["a", "b", "c", "d"]) void start(name, 0);
    await turn();
    expect(begun).toEqual(["once-a", "a", "b", "c"]);
    await end("once-a");
    await end("a");
    expect(begun.slice(4).sort()).toEqual(["d", "once-b"]);
  });

  it("runs what broke off twice alone: after what runs, before what comes later", async () => {
    const { start, end, begun } = isolated();
    void start("before", 0);
    void start("twice", 2);
    await turn();
    void start("after", 0);
    void start("once", 1);
    await turn();
    expect(begun).toEqual(["before"]);
    await end("before");
    expect(begun).toEqual(["before", "twice"]);
    await end("twice");
    expect(begun.slice(2).sort()).toEqual(["after", "once"]);
  });

  it("lets nobody wait for what was stopped, and bounds how many wait", async () => {
    const { start, begun } = isolated();
    const stop = new AbortController();
    void start("before", 0);
    const stopped = expect(start("twice", 2, stop.signal)).rejects.toThrow("stopped");
    await turn();
    void start("after", 0);
    await turn();
    void start("once", 1);
    void start("once more", 1);
    await expect(start("too many", 1)).rejects.toMatchObject({ code: "overloaded" });
    expect(begun).toEqual(["before"]);
    stop.abort(new Error("stopped"));
    await stopped;
    await turn();
    expect(begun).toEqual(["before", "after", "once"]);
  });
});
