// Views are sampled by the graph: each must show what the same change of the pixels would.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Embedder, startEmbedder } from "../src/descriptor/embedder.ts";
import type { View } from "../src/descriptor/view.ts";
import { fixtureModel, near, randomFrames } from "./fixture-model.ts";

const SIDE = 32;
const FIELDS = {
  input: {
    name: "frames",
    view: "view",
    width: SIDE,
    height: SIDE,
    least_width: 16,
    least_height: 16,
    pixel_format: "rgb24",
  },
  output: { name: "vectors", dims: 48 },
};

/** The frame whose pixel (x, y) is the given one's at `from(x, y)`. */
const redrawn = (
  frame: Uint8Array,
  width: number,
  height: number,
  from: (x: number, y: number) => number[],
) =>
  Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x = 0, y = 0] = from(Math.floor(i / 3) % width, Math.floor(i / 3 / width));
    return frame[(y * SIDE + x) * 3 + (i % 3)] as number;
  });

describe("a view", () => {
  const frame = randomFrames(5, SIDE * SIDE * 3);
  let embedder: Embedder;
  beforeAll(async () => {
    embedder = await startEmbedder(await fixtureModel("viewed.onnx", FIELDS), {
      executionProviders: ["cpu"],
      maxBatchFrames: 16,
    });
  });
  afterAll(() => embedder.close());

  const shows = async (view: View, pixels: Uint8Array, width = SIDE, height = SIDE) => {
    const [seen, drawn] = await Promise.all([
      embedder.embed(frame, 1, { view }),
      embedder.embed(pixels, 1, { width, height }),
    ]);
    expect(near(seen, drawn)).toBe(true);
  };

  it("of a model that takes one is the whole frame when none is asked", async () => {
    expect(embedder.supportsViews).toBe(true);
    await shows([1, 0, 0, 0, 1, 0], frame);
  });

  it("mirrors", async () => {
    await shows(
      [-1, 0, 0, 0, 1, 0],
      redrawn(frame, SIDE, SIDE, (x, y) => [SIDE - 1 - x, y]),
    );
    expect(
      near(await embedder.embed(frame, 1), await embedder.embed(frame, 1, { view: [-1, 0, 0, 0, 1, 0] })),
    ).toBe(false);
  });

  it("turns by a quarter", () =>
    shows(
      [0, 1, 0, -1, 0, 0],
      redrawn(frame, SIDE, SIDE, (x, y) => [y, SIDE - 1 - x]),
    ));

  it("crops, as a smaller frame of the crop's pixels", () =>
    shows(
      [0.5, 0, -0.5, 0, 0.75, 0.25],
      redrawn(frame, 16, 24, (x, y) => [x, y + 8]),
      16,
      24,
    ));

  it("refuses sizes outside of the manifest's", async () => {
    const size = { width: 33, height: 16 };
    await expect(embedder.embed(new Uint8Array(33 * 16 * 3), 1, size)).rejects.toThrow(/16×16 to 32×32/);
    await expect(embedder.embed(new Uint8Array(15 * 16 * 3), 1, { width: 15, height: 16 })).rejects.toThrow();
  });
});
