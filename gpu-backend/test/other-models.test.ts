// A graph as ResNet50, SSCD or DINOv2 are exported: float pictures, channels first, vectors of any length.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Embedder, startEmbedder } from "../src/descriptor/embedder.ts";
import { fixtureModel, near, randomFrames } from "./fixture-model.ts";

const SIDE = 32;
const FRAME_BYTES = SIDE * SIDE * 3;
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];
const FIELDS = {
  input: {
    name: "pictures",
    width: SIDE,
    height: SIDE,
    pixel_format: "rgb24",
    tensor: { type: "float32_nchw", mean: MEAN, std: STD },
  },
  output: { name: "features", dims: 1000, normalised: false },
};
const start = async (file: string, fields: object) =>
  startEmbedder(await fixtureModel(file, fields), { executionProviders: ["cpu"], maxBatchFrames: 16 });

/** What the graph computes, pixel by pixel: averages of 8×8 places, times sin(0.7 row + 0.013 column). */
function computed(frame: Uint8Array): number[] {
  const averages = new Array<number>(48).fill(0);
  frame.forEach((value, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE), i % 3];
    const place = channel * 16 + Math.floor(y / 8) * 4 + Math.floor(x / 8);
    const scaled = (value / 255 - (MEAN[channel] as number)) / (STD[channel] as number);
    averages[place] = (averages[place] as number) + scaled / 64;
  });
  const features = Array.from({ length: 1000 }, (_, column) =>
    averages.reduce((sum, average, row) => sum + average * Math.sin(0.7 * row + 0.013 * column), 0),
  );
  const length = Math.hypot(...features);
  return features.map((feature) => feature / length);
}

describe("a model of float pictures", () => {
  const frames = randomFrames(3, 6 * FRAME_BYTES);
  const expected = Array.from({ length: 6 }, (_, i) =>
    computed(frames.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES)),
  ).flat();
  let embedder: Embedder;
  beforeAll(async () => {
    embedder = await start("pooled-sines.onnx", FIELDS);
  });
  afterAll(() => embedder.close());

  it("gets scaled planes, and its vectors are brought to length 1", async () => {
    const vectors = await embedder.embed(frames, 6);
    expect(near(vectors, expected)).toBe(true);
    expect(Math.hypot(...vectors.subarray(0, 1000))).toBeCloseTo(1, 5);
  });

  it("fills up the batch of a graph that takes exactly four, and drops what was added", async () => {
    const four = await start("pooled-sines-batch-4.onnx", {
      ...FIELDS,
      input: { ...FIELDS.input, batch: 4 },
    });
    const all = four.embed(frames, 6);
    const one = four.embed(frames.subarray(0, FRAME_BYTES), 1);
    expect(near(await all, expected)).toBe(true);
    expect(near(await one, expected.slice(0, 1000))).toBe(true);
    await four.close();
  });

  it("leaves a vector of zeros as it is", async () => {
    const black = { ...FIELDS.input, tensor: { ...FIELDS.input.tensor, mean: [0, 0, 0] } };
    const dark = await start("pooled-sines.onnx", { ...FIELDS, input: black });
    expect([...new Set(await dark.embed(new Uint8Array(FRAME_BYTES), 1))]).toEqual([0]);
    await dark.close();
  });

  it("says so when its output is not what the manifest says", async () => {
    const other = await start("pooled-sines.onnx", { ...FIELDS, output: { ...FIELDS.output, dims: 999 } });
    const failed = await other.embed(frames, 6).catch((error: Error) => error);
    expect((failed as Error).cause).toMatchObject({ message: expect.stringContaining("float32 6×1000") });
    await other.close();
  });

  it("takes no view and no other size, and says so", async () => {
    expect(embedder.supportsViews).toBe(false);
    await expect(embedder.embed(frames, 6, { view: [-1, 0, 0, 0, 1, 0] })).rejects.toThrow(/input\.view/);
    await expect(embedder.embed(frames, 6, { view: [1, 0, 0, 0, 1, 0] })).resolves.toBeDefined();
    await expect(embedder.embed(frames, 24, { width: 16, height: 16 })).rejects.toThrow(/16×16.*32×32/);
  });
});
