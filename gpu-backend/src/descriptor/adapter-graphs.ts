// The graphs that stand before and after other people's models; training/export/adapters.py writes them. They
// run on the CPU whatever runs the model: pixels come from there and descriptors go back there.

import { readFile } from "node:fs/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { ModelManifest } from "./manifest.ts";

export type Adapter = (tensor: Tensor) => Promise<Tensor>;

async function openGraph(name: string, intraOpNumThreads: number): Promise<InferenceSession> {
  return InferenceSession.create(await readFile(new URL(`./${name}.onnx`, import.meta.url)), {
    executionProviders: ["cpu"],
    intraOpNumThreads,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
}

/** uint8 [n, h, w, 3] to what the model takes; null when that is what it takes. */
export async function inputAdapter({ input }: ModelManifest, threads: number): Promise<Adapter | null> {
  if (input.tensor === "uint8_nhwc") return null;
  const session = await openGraph("to-float-nchw", threads);
  const mean = new Tensor("float32", Float32Array.from(input.tensor.mean), [3]);
  const std = new Tensor("float32", Float32Array.from(input.tensor.std), [3]);
  return async (frames) => (await session.run({ frames, mean, std })).floats as Tensor;
}

/** float32 [n, dims] to rows of length 1; null when the model gives such rows. */
export async function outputAdapter({ output }: ModelManifest, threads: number): Promise<Adapter | null> {
  if (output.normalised) return null;
  const session = await openGraph("l2-normalise", threads);
  return async (vectors) => (await session.run({ vectors })).normalised as Tensor;
}
