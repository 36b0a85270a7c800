// The shipped graph against the network it was exported from: what PyTorch made of a few computed pictures
// (training/export/reference_vectors.py) and what ONNX Runtime makes of them.

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Embedder, startEmbedder } from "../src/descriptor/embedder.ts";
import { type LoadedModel, loadModel } from "../src/descriptor/manifest.ts";
import { DEFAULT_MANIFEST } from "../src/descriptor/model-choice.ts";
import type { View } from "../src/descriptor/view.ts";

interface ReferenceVectors {
  side: number;
  views: Record<string, number[][]>;
  vectors: Record<string, number[][]>;
}

const expected: ReferenceVectors = JSON.parse(
  await readFile(new URL("./fixtures/learned-descriptor.json", import.meta.url), "utf8"),
);
let model: LoadedModel;
let embedder: Embedder;
beforeAll(async () => {
  model = await loadModel(DEFAULT_MANIFEST);
  embedder = await startEmbedder(model, { executionProviders: ["cpu"], maxBatchFrames: 8 });
});
afterAll(() => embedder.close());

/** The picture that reference_vectors.py computes. */
function picture(number: number, side: number): Uint8Array {
  const pixels = new Uint8Array(side * side * 3);
  let at = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let channel = 0; channel < 3; channel++) {
        const bumps = Math.floor((x * (number + 2) + y * (2 * number + 1) + 60 * channel) / (number + 2));
        pixels[at++] = (bumps ^ Math.floor((x * y) / (40 + 30 * number))) % 256;
      }
  return pixels;
}

it.each(Object.keys(expected.views))("gives PyTorch's vectors for the view %s", async (name) => {
  const rows = expected.vectors[name] as number[][];
  const pixels = rows.map((_, number) => picture(number, expected.side));
  const frames = new Uint8Array(pixels.length * (pixels[0] as Uint8Array).length);
  pixels.forEach((bytes, i) => {
    frames.set(bytes, i * bytes.length);
  });
  const [width, height] = [expected.side, expected.side];
  const view = (expected.views[name] as number[][]).flat() as unknown as View;
  const vectors = await embedder.embed(frames, rows.length, { width, height, view });
  const { dims } = model.manifest.output;
  rows.forEach((row, i) => {
    expect(row).toHaveLength(dims);
    const cosine = row.reduce((sum, value, k) => sum + value * (vectors[i * dims + k] as number), 0);
    expect(cosine).toBeGreaterThanOrEqual(0.9999);
  });
});

it("weighs at most 12 MB", () => {
  expect(model.graph.byteLength).toBeLessThanOrEqual(12e6);
});
