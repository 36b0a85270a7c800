import { describe, expect, it } from "vitest";
import { gate } from "../testing-gate.ts";
import { KeyedMutex } from "./keyed-mutex.ts";

describe("KeyedMutex", () => {
  it("runs work of one key one at a time, also after a failure, and work of other keys beside it", async () => {
    const mutex = new KeyedMutex();
    const { open, opened } = gate();
    const order: string[] = [];
    const first = mutex.runExclusive("a", async () => {
      await opened;
      order.push("first");
      throw new Error("failed");
    });
    const second = mutex.runExclusive("a", async () => order.push("second"));
    await mutex.runExclusive("b", async () => order.push("elsewhere"));
    open();
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(order).toEqual(["elsewhere", "first", "second"]);
  });
});
