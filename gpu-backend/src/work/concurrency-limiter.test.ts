import { describe, expect, it } from "vitest";
import { gate, nextTurn } from "../testing-gate.ts";
import { ConcurrencyLimiter, type LimiterSettings } from "./concurrency-limiter.ts";
import type { Requester, Urgency } from "./fair-queue.ts";

const LIMITS: LimiterSettings = {
  maxRunning: 2,
  maxWaiting: 10,
  tenantMaxRunning: 2,
  tenantMaxWaiting: 10,
  reserved: 0,
  weights: new Map(),
};
const by = (tenant: string, urgency: Urgency = "interactive"): Requester => ({ tenant, urgency });
const ONE = by("one");

/** A limiter whose work notes its begin, ends by `end`, and is noted by its code when it is refused. */
function recordedLimiter(limits: Partial<LimiterSettings>) {
  const limiter = new ConcurrencyLimiter({ ...LIMITS, ...limits });
  const begun: string[] = [];
  const refused: string[] = [];
  const gates = new Map<string, () => void>();
  const send = async (name: string, requester: Requester, signal?: AbortSignal) => {
    const { open, opened } = gate();
    gates.set(name, open);
    const work = async () => {
      begun.push(name);
      await opened;
    };
    await limiter
      .run(requester, work, signal)
      .catch((error) => refused.push(`${name}: ${error.code ?? error.message}`));
  };
  return {
    limiter,
    begun,
    refused,
    send: (name: string, requester: Requester, signal?: AbortSignal) => void send(name, requester, signal),
    end: async (name: string) => {
      gates.get(name)?.();
      await nextTurn();
    },
  };
}

describe("ConcurrencyLimiter", () => {
  it("runs maxRunning at once, the rest in the order they came", async () => {
    const { send, end, begun } = recordedLimiter({});
    for (const name of ["a", "b", "c", "d"]) send(name, ONE);
    await nextTurn();
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c"]);
    await end("a");
    expect(begun).toEqual(["a", "b", "c", "d"]);
  });

  it("refuses work with overloaded when all waiting places are taken, and takes work again after a failure", async () => {
    const limiter = new ConcurrencyLimiter({ ...LIMITS, maxRunning: 1, maxWaiting: 1 });
    const { open, opened } = gate();
    const running = limiter.run(ONE, () => opened);
    const failed = expect(
      limiter.run(ONE, async () => {
        throw new Error("failed");
      }),
    ).rejects.toThrow("failed");
    await nextTurn();
    await expect(limiter.run(ONE, async () => {})).rejects.toMatchObject({ code: "overloaded" });
    open();
    await running;
    await failed;
    expect(await limiter.run(ONE, async () => "free")).toBe("free");
  });

  it("refuses waiting and new work once it is closed, and lets running work end", async () => {
    const limiter = new ConcurrencyLimiter({ ...LIMITS, maxRunning: 1 });
    const { open, opened } = gate();
    const running = limiter.run(ONE, () => opened);
    const waiting = expect(limiter.run(ONE, async () => {})).rejects.toMatchObject({
      code: "backend_unavailable",
    });
    limiter.close();
    await waiting;
    await expect(limiter.run(ONE, async () => {})).rejects.toMatchObject({ code: "backend_unavailable" });
    open();
    await running;
  });

  it("frees the waiting place of work that is aborted", async () => {
    const { send, begun, refused, end } = recordedLimiter({ maxRunning: 1, tenantMaxWaiting: 1 });
    const stop = new AbortController();
    send("a", ONE);
    send("stopped", ONE, stop.signal);
    await nextTurn();
    stop.abort(new Error("stopped"));
    await nextTurn();
    send("b", ONE);
    await end("a");
    expect([begun, refused]).toEqual([["a", "b"], ["stopped: stopped"]]);
  });
});

describe("ConcurrencyLimiter of several tenants", () => {
  it("gives another tenant the next turn while one tenant has 260 analyses waiting", async () => {
    const { send, begun, refused, end } = recordedLimiter({ maxWaiting: 256, tenantMaxWaiting: 256 });
    for (let i = 0; i < 260; i++) send(`flood ${i}`, by("flood"));
    await nextTurn();
    expect(refused).toEqual(["flood 258: too_much_at_once", "flood 259: too_much_at_once"]);
    // All places are taken: it gets that of the one who came last.
    send("quiet", by("quiet"));
    await nextTurn();
    expect(refused.slice(2)).toEqual(["flood 257: overloaded"]);
    await end("flood 0");
    expect(begun).toEqual(["flood 0", "flood 1", "quiet"]);
  });

  it("holds a tenant's tenantMaxRunning while others are idle", async () => {
    const { send, begun, end } = recordedLimiter({ maxRunning: 4, tenantMaxRunning: 2 });
    for (const name of ["a", "b", "c"]) send(name, ONE);
    send("other", by("other"));
    await nextTurn();
    expect(begun).toEqual(["a", "b", "other"]);
    await end("other");
    expect(begun).not.toContain("c");
    await end("a");
    expect(begun).toContain("c");
  });

  it("keeps the reserved places free for other tenants while there are any", async () => {
    const alone = recordedLimiter({ maxRunning: 4, tenantMaxRunning: 4, reserved: 1 });
    for (const name of ["a", "b", "c", "d"]) alone.send(name, ONE);
    await nextTurn();
    expect(alone.begun).toEqual(["a", "b", "c", "d"]);
    alone.send("quiet", by("quiet"));
    alone.send("e", ONE);
    await alone.end("a");
    await alone.end("b");
    // One place is free, and stays so: the flood has its share of two and the quiet one may come again.
    expect(alone.begun.slice(4)).toEqual(["quiet"]);
    alone.send("quiet again", by("quiet"));
    await nextTurn();
    expect(alone.begun.slice(4)).toEqual(["quiet", "quiet again"]);
  });

  it("leaves half of a tenant's waiting places to interactive work", async () => {
    const { send, refused } = recordedLimiter({ maxRunning: 1, tenantMaxWaiting: 4 });
    send("runs", ONE);
    for (let i = 0; i < 4; i++) send(`reference ${i}`, by("one", "reference"));
    for (let i = 0; i < 3; i++) send(`check ${i}`, ONE);
    await nextTurn();
    expect(refused).toEqual([
      "reference 2: too_much_at_once",
      "reference 3: too_much_at_once",
      "check 2: too_much_at_once",
    ]);
  });
});
