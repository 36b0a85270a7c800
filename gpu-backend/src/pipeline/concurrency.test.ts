import { describe, expect, it } from "vitest";
import { Isolation } from "./isolation.ts";
import { LibraryLock } from "./library-lock.ts";
import { Slots } from "./slots.ts";

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("Slots", () => {
  it("runs no more than allowed, the rest in the order they came", async () => {
    const slots = new Slots(2, 10);
    const gates = [gate(), gate(), gate(), gate()];
    const begun: number[] = [];
    const all = gates.map(({ opened }, i) =>
      slots.run(async () => {
        begun.push(i);
        await opened;
      }),
    );
    await turn();
    expect(begun).toEqual([0, 1]);
    gates[1]?.open();
    await all[1];
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    for (const { open } of gates) open();
    await Promise.all(all);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it("refuses at once what may not even wait, and takes work again after a failure", async () => {
    const slots = new Slots(1, 1);
    const { open, opened } = gate();
    const running = slots.run(() => opened);
    const waiting = slots.run(async () => {
      throw new Error("failed");
    });
    const failed = expect(waiting).rejects.toThrow("failed");
    await expect(slots.run(async () => {})).rejects.toMatchObject({ code: "overloaded" });
    open();
    await running;
    await failed;
    expect(await slots.run(async () => "free")).toBe("free");
  });

  it("begins nothing more once it is closed, and lets end what runs", async () => {
    const slots = new Slots(1, 5);
    const { open, opened } = gate();
    const running = slots.run(() => opened);
    const waiting = expect(slots.run(async () => {})).rejects.toMatchObject({ code: "backend_unavailable" });
    slots.close();
    await waiting;
    await expect(slots.run(async () => {})).rejects.toMatchObject({ code: "backend_unavailable" });
    open();
    await running;
  });
});

describe("LibraryLock", () => {
  it("lets one at a time into a library, also after a failure, and others into others", async () => {
    const lock = new LibraryLock();
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
    const slots = new Slots(4, 10);
    const isolation = new Isolation(2);
    const begun: string[] = [];
    const gates = new Map<string, ReturnType<typeof gate>>();
    const start = (name: string, crashes: number, signal = never) => {
      gates.set(name, gate());
      const work = async () => {
        begun.push(name);
        await gates.get(name)?.opened;
      };
      return isolation.run(crashes, signal, (gated) => slots.run(gated), work);
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
