import { describe, expect, it } from "vitest";
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
