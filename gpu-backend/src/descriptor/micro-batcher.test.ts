import { describe, expect, it } from "vitest";
import type { FrameShape } from "./frame-shape.ts";
import { MicroBatcher } from "./micro-batcher.ts";
import { WHOLE_FRAME } from "./view.ts";

const PIXEL: FrameShape = { width: 1, height: 1, view: null };
const WIDE: FrameShape = { width: 2, height: 1, view: null };
const TALL: FrameShape = { width: 1, height: 2, view: null };
const WHOLE: FrameShape = { ...PIXEL, view: WHOLE_FRAME };
const MIRRORED: FrameShape = { ...PIXEL, view: [-1, 0, 0, 0, 1, 0] };

/** "Descriptors" of one number: the frame's first byte. Batches wait until let go. */
function recorded(maxFrames: number) {
  const batches: number[] = [];
  const shapes: FrameShape[] = [];
  const gates: (() => void)[] = [];
  const batcher = new MicroBatcher(
    async (frames, count, shape) => {
      batches.push(count);
      shapes.push(shape);
      await new Promise<void>((resolve) => gates.push(resolve));
      if (frames[0] === 255) throw new Error("the model failed");
      return Float32Array.from({ length: count }, (_, i) => frames[(i * frames.length) / count] as number);
    },
    { dims: 1, maxFrames },
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
  const embed = (shape: FrameShape, ...values: number[]) =>
    batcher.embed(framesOf(shape, ...values), values.length, shape);
  return { batcher, batches, shapes, embed, letGo };
}
const framesOf = ({ width, height }: FrameShape, ...values: number[]) =>
  Uint8Array.from(values.flatMap((value) => [value, ...new Array(width * height * 3 - 1).fill(0)]));

describe("MicroBatcher", () => {
  it("gives every caller its own vectors, in order", async () => {
    const { embed, letGo } = recorded(8);
    const results = [embed(PIXEL, 1, 2, 3), embed(PIXEL, 4), embed(PIXEL, 5, 6)];
    await letGo();
    expect((await Promise.all(results)).map((vectors) => [...vectors])).toEqual([[1, 2, 3], [4], [5, 6]]);
  });

  it("lets another caller in between the pieces of a long video", async () => {
    const { embed, shapes, letGo } = recorded(1);
    const long = embed(PIXEL, 1, 2, 3, 4, 5, 6);
    await new Promise((resolve) => setImmediate(resolve));
    const short = embed(WIDE, 7);
    await letGo();
    expect([[...(await long)], [...(await short)]]).toEqual([[1, 2, 3, 4, 5, 6], [7]]);
    expect(shapes.indexOf(WIDE)).toBe(2);
  });

  it("puts what arrives while a batch runs into the next one together", async () => {
    const { embed, batches, letGo } = recorded(8);
    const first = embed(PIXEL, 1);
    await new Promise((resolve) => setImmediate(resolve));
    const others = [embed(PIXEL, 2, 3), embed(PIXEL, 4), embed(PIXEL, 5)];
    await letGo();
    await Promise.all([first, ...others]);
    expect(batches).toEqual([1, 4]);
  });

  it("cuts long videos so that no batch is over the limit", async () => {
    const { embed, batches, letGo } = recorded(4);
    const result = embed(PIXEL, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    await letGo();
    expect([...(await result)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Math.max(...batches)).toBe(4);
  });

  it("fails the callers of a failed batch and goes on with the next", async () => {
    const { embed, letGo } = recorded(1);
    const bad = embed(PIXEL, 255);
    const good = embed(PIXEL, 7);
    const outcome = expect(bad).rejects.toThrow("the model failed");
    await letGo();
    await outcome;
    expect([...(await good)]).toEqual([7]);
  });

  it("refuses frames of another size", async () => {
    const { batcher } = recorded(4);
    await expect(batcher.embed(new Uint8Array(5), 2, PIXEL)).rejects.toThrow("6 bytes");
  });

  it("keeps sizes and views apart, also where their bytes are as many", async () => {
    const { embed, batches, shapes, letGo } = recorded(8);
    const results = [WIDE, TALL, WHOLE, MIRRORED, WIDE, TALL, { ...MIRRORED, view: MIRRORED.view }].map(
      (shape, i) => embed(shape, i, 10 + i),
    );
    await letGo();
    expect((await Promise.all(results)).map((vectors) => [...vectors])).toEqual(
      results.map((_, i) => [i, 10 + i]),
    );
    expect(shapes).toEqual([WIDE, TALL, WHOLE, MIRRORED]);
    expect(batches).toEqual([4, 4, 2, 4]);
  });

  it("lets a lone view wait only for those that came before it", async () => {
    const { embed, shapes, letGo } = recorded(2);
    const results = [embed(WHOLE, 1, 2), embed(WHOLE, 3, 4), embed(MIRRORED, 5)];
    for (let i = 0; i < 10; i++) results.push(embed(WHOLE, 6, 7));
    await letGo();
    await Promise.all(results);
    expect(shapes.indexOf(MIRRORED)).toBe(2);
  });

  it("lets no later caller of the same size and view ahead of one who did not fit", async () => {
    const { embed, batches, letGo } = recorded(4);
    const results = [embed(PIXEL, 1, 2, 3), embed(PIXEL, 4, 5), embed(PIXEL, 6)];
    await letGo();
    await Promise.all(results);
    expect(batches).toEqual([3, 3]);
  });
});
