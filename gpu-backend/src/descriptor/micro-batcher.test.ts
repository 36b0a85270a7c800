import { describe, expect, it } from "vitest";
import { MicroBatcher } from "./micro-batcher.ts";

/** Frames of two bytes, "descriptors" of one number: the frame's first byte. Batches wait until let go. */
function recorded(maxFrames: number) {
  const batches: number[] = [];
  const gates: (() => void)[] = [];
  const batcher = new MicroBatcher(
    async (frames, count) => {
      batches.push(count);
      await new Promise<void>((resolve) => gates.push(resolve));
      if (frames[0] === 255) throw new Error("the model failed");
      return Float32Array.from({ length: count }, (_, i) => frames[2 * i] as number);
    },
    { frameBytes: 2, dims: 1, maxFrames },
  );
  const letGo = async () => {
    for (let idle = 0; idle < 5; idle++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (gates.length > 0) idle = 0;
      gates.splice(0).forEach((open) => {
        open();
      });
    }
  };
  return { batcher, batches, letGo };
}
const framesOf = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [value, 0]));

describe("MicroBatcher", () => {
  it("gives every caller its own vectors, in order", async () => {
    const { batcher, letGo } = recorded(8);
    const results = [
      batcher.embed(framesOf(1, 2, 3), 3),
      batcher.embed(framesOf(4), 1),
      batcher.embed(framesOf(5, 6), 2),
    ];
    await letGo();
    expect((await Promise.all(results)).map((vectors) => [...vectors])).toEqual([[1, 2, 3], [4], [5, 6]]);
  });

  it("puts what arrives while a batch runs into the next one together", async () => {
    const { batcher, batches, letGo } = recorded(8);
    const first = batcher.embed(framesOf(1), 1);
    await new Promise((resolve) => setImmediate(resolve));
    const others = [
      batcher.embed(framesOf(2, 3), 2),
      batcher.embed(framesOf(4), 1),
      batcher.embed(framesOf(5), 1),
    ];
    await letGo();
    await Promise.all([first, ...others]);
    expect(batches).toEqual([1, 4]);
  });

  it("cuts long videos so that no batch is over the limit", async () => {
    const { batcher, batches, letGo } = recorded(4);
    const result = batcher.embed(framesOf(1, 2, 3, 4, 5, 6, 7, 8, 9), 9);
    await letGo();
    expect([...(await result)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Math.max(...batches)).toBe(4);
  });

  it("fails the callers of a failed batch and goes on with the next", async () => {
    const { batcher, letGo } = recorded(1);
    const bad = batcher.embed(framesOf(255), 1);
    const good = batcher.embed(framesOf(7), 1);
    const outcome = expect(bad).rejects.toThrow("the model failed");
    await letGo();
    await outcome;
    expect([...(await good)]).toEqual([7]);
  });

  it("refuses frames of another size", async () => {
    const { batcher } = recorded(4);
    await expect(batcher.embed(new Uint8Array(5), 2)).rejects.toThrow("4 bytes");
  });
});
