// The shipped models, run by the real ONNX Runtime.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Embedder, startEmbedder } from "../src/descriptor/embedder.ts";
import { loadModel } from "../src/descriptor/manifest.ts";
import { DEFAULT_MANIFEST, manifestFileOf } from "../src/descriptor/model-choice.ts";
import { seededRandom } from "../src/testing-tracks.ts";

/** A plane of one colour with a dozen discs on it: a scene has edges and areas, which a learned model looks at. */
function pictureOf(seed: number, width: number, height: number): Uint8Array {
  const random = seededRandom(seed);
  const colour = () => [0, 1, 2].map(() => Math.floor(256 * random()));
  const plane = colour();
  const discs = Array.from({ length: 12 }, () => ({
    x: random() * width,
    y: random() * height,
    colour: colour(),
    radius: (0.06 + 0.2 * random()) * Math.min(width, height),
  }));
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const on = discs.findLast((disc) => Math.hypot(x - disc.x, y - disc.y) < disc.radius);
    return (on?.colour ?? plane)[channel] as number;
  });
}
const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

describe.each([
  ["the default model", DEFAULT_MANIFEST],
  ["luma-dct", manifestFileOf("luma-dct")],
])("%s", (_, manifestFile) => {
  let embedder: Embedder;
  beforeAll(async () => {
    embedder = await startEmbedder(await loadModel(manifestFile), {
      executionProviders: ["cuda", "cpu"],
      maxBatchFrames: 16,
    });
  });
  afterAll(() => embedder.close());
  const picture = (seed: number) => {
    const { width, height } = embedder.manifest.input;
    return pictureOf(seed, width, height);
  };
  const embed = (frame: Uint8Array) => embedder.embed(frame, 1);

  it("falls back to an execution provider that is there, and says which were not", () => {
    expect(["cuda", "cpu"]).toContain(embedder.executionProvider);
    if (embedder.executionProvider === "cpu")
      expect(embedder.refusedProviders).toEqual([{ executionProvider: "cuda", reason: expect.any(String) }]);
  });

  it("gives vectors of length 1 and of the manifest's dimensions", async () => {
    const frames = new Uint8Array([...picture(1), ...picture(2), ...picture(3)]);
    const vectors = await embedder.embed(frames, 3);
    const { dims } = embedder.manifest.output;
    expect(vectors).toHaveLength(3 * dims);
    for (let row = 0; row < 3; row++) {
      const vector = vectors.subarray(row * dims, (row + 1) * dims);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    }
  });

  it("keeps a picture's descriptor through brightness, contrast and noise, and tells pictures apart", async () => {
    const a = picture(1);
    const random = seededRandom(9);
    const edited = a.map((value) => Math.max(0, Math.min(255, 0.8 * value + 15 + 8 * (random() - 0.5))));
    expect(cosine(await embed(a), await embed(edited))).toBeGreaterThan(0.9);
    expect(cosine(await embed(a), await embed(picture(2)))).toBeLessThan(0.5);
  });

  it("gives a frame the same vector alone and in company", async () => {
    const alone = await embed(picture(4));
    const company = await embedder.embed(new Uint8Array([...picture(5), ...picture(4)]), 2);
    expect(cosine(alone, company.subarray(alone.length))).toBeCloseTo(1, 4);
  });
});
