import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadModel, type manifestSchema } from "./manifest.ts";
import { manifestFileOf } from "./model-choice.ts";

describe("a model manifest", () => {
  const shipped = manifestFileOf("luma-dct");
  let folder: string;
  let manifest: ReturnType<typeof manifestSchema.parse>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twinframe-model-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    await cp(join(shipped, ".."), folder, { recursive: true, force: true });
    manifest = JSON.parse(await readFile(shipped, "utf8"));
  });
  const load = async (fields: object) => {
    await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...manifest, ...fields }));
    return loadModel(join(folder, "manifest.json"));
  };
  const loadInput = (fields: object) => load({ input: { ...manifest.input, ...fields } });

  it("is refused when a field is unknown, missing or contradicts another", async () => {
    await expect(load({})).resolves.toMatchObject({ manifest });
    await expect(load({ surprise: 1 })).rejects.toThrow(/surprise/);
    await expect(load({ output: undefined })).rejects.toThrow(/output/);
    await expect(load({ calibration: undefined })).rejects.toThrow(/calibration/);
    await expect(loadInput({ least_width: manifest.input.width + 1 })).rejects.toThrow(
      /least_width is over width/,
    );
    await expect(loadInput({ view: manifest.input.name })).rejects.toThrow(/same input/);
    await expect(
      loadInput({ tensor: { type: "float32_nchw", mean: [0, 0], std: [1, 1, 1] } }),
    ).rejects.toThrow();
    await expect(
      loadInput({ tensor: { type: "float32_nchw", mean: [0, 0, 0], std: [1, 0, 1] } }),
    ).rejects.toThrow();
  });

  it("is refused when its graph is not the one it names", async () => {
    await writeFile(join(folder, manifest.file), "not the graph");
    await expect(load({})).rejects.toThrow(/sha256/);
  });

  it("names files of its folder and below, and nothing outside", async () => {
    await mkdir(join(folder, "deeper"), { recursive: true });
    await cp(join(folder, manifest.file), join(folder, "deeper/graph.onnx"));
    await expect(load({ file: "deeper/graph.onnx" })).resolves.toBeDefined();
    for (const file of [
      "../x.onnx",
      "a/../x.onnx",
      "/etc/x.onnx",
      "./x.onnx",
      "a//x.onnx",
      ".x.onnx",
      "x.bin",
    ])
      await expect(load({ file }), file).rejects.toThrow(/file/);
  });
});
