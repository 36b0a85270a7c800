import { describe, expect, it } from "vitest";
import { gate, nextTurn } from "../testing-gate.ts";
import { ConcurrencyLimiter } from "./concurrency-limiter.ts";
import { Isolation } from "./isolation.ts";

const LIMITS = {
  maxRunning: 4,
  maxWaiting: 10,
  tenantMaxRunning: 4,
  tenantMaxWaiting: 10,
  reserved: 0,
  weights: new Map(),
};
const REQUESTER = { tenant: "one", urgency: "interactive" } as const;

describe("Isolation", () => {
  const never = new AbortController().signal;

  /** An isolation before a limiter of four; work notes its begin, and ends by `end`. */
  function isolated() {
    const limiter = new ConcurrencyLimiter(LIMITS);
    const isolation = new Isolation(2);
    const begun: string[] = [];
    const gates = new Map<string, ReturnType<typeof gate>>();
    const start = (name: string, crashes: number, signal = never) => {
      gates.set(name, gate());
      const work = async () => {
        begun.push(name);
        await gates.get(name)?.opened;
      };
      return isolation.run(crashes, signal, (gated) => limiter.run(REQUESTER, gated, signal), work);
    };
    const end = async (name: string) => {
      gates.get(name)?.open();
      await nextTurn();
    };
    return { start, end, begun };
  }

  it("runs work with one crash beside other work, one at a time, and leaves the other places to others", async () => {
    const { start, end, begun } = isolated();
    for (const name of ["once-a", "once-b", "once-c"]) void start(name, 1);
    await nextTurn();
    for (const name of ["a", "b", "c", "d"]) void start(name, 0);
    await nextTurn();
    expect(begun).toEqual(["once-a", "a", "b", "c"]);
    await end("once-a");
    await end("a");
    expect(begun.slice(4).sort()).toEqual(["d", "once-b"]);
  });

  it("runs work with two crashes alone: after running work, before later work", async () => {
    const { start, end, begun } = isolated();
    void start("before", 0);
    void start("twice", 2);
    await nextTurn();
    void start("after", 0);
    void start("once", 1);
    await nextTurn();
    expect(begun).toEqual(["before"]);
    await end("before");
    expect(begun).toEqual(["before", "twice"]);
    await end("twice");
    expect(begun.slice(2).sort()).toEqual(["after", "once"]);
  });

  it("lets nothing wait for aborted work, and refuses suspects beyond the bound with overloaded", async () => {
    const { start, begun } = isolated();
    const stop = new AbortController();
    void start("before", 0);
    const stopped = expect(start("twice", 2, stop.signal)).rejects.toThrow("stopped");
    await nextTurn();
    void start("after", 0);
    await nextTurn();
    void start("once", 1);
    void start("once more", 1);
    await expect(start("too many", 1)).rejects.toMatchObject({ code: "overloaded" });
    expect(begun).toEqual(["before"]);
    stop.abort(new Error("stopped"));
    await stopped;
    await nextTurn();
    expect(begun).toEqual(["before", "after", "once"]);
  });
});
