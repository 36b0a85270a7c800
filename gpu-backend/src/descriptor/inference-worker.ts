// Holds the ONNX sessions. `session.run()` blocks its thread, which is why this is a worker.

import { workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { serveOperations } from "../worker-operations.ts";
import { type Adapter, inputAdapter, outputAdapter } from "./adapter-graphs.ts";
import { type FrameShape, frameBytesOf } from "./frame-shape.ts";
import type { ModelManifest } from "./manifest.ts";

export interface InferenceWorkerData {
  manifest: ModelManifest;
  graph: Uint8Array;
  /** In the order to try; the last one should be `cpu`. */
  executionProviders: string[];
  threads: number;
}
export interface InferenceStarted {
  executionProvider: string;
  /** Providers that were asked for first and could not be had, each with the runtime's reason. */
  refused: { executionProvider: string; reason: string }[];
}
export interface FrameBatch {
  frames: Uint8Array;
  count: number;
  shape: FrameShape;
}
interface Sessions {
  model: InferenceSession;
  before: Adapter | null;
  after: Adapter | null;
}

const { manifest, graph, executionProviders, threads } = workerData as InferenceWorkerData;
const { input, output } = manifest;
let sessions: Sessions | undefined;

/** Asking ONNX Runtime for a provider that is absent throws and nothing falls back by itself, so we do. */
async function start(): Promise<InferenceStarted> {
  const refused: InferenceStarted["refused"] = [];
  for (const executionProvider of executionProviders) {
    try {
      const model = await InferenceSession.create(graph, {
        executionProviders: [executionProvider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      });
      const before = await inputAdapter(manifest, threads);
      sessions = { model, before, after: await outputAdapter(manifest, threads) };
      return { executionProvider, refused };
    } catch (error) {
      refused.push({ executionProvider, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  throw new Error(
    `none of the execution providers ${executionProviders.join(", ")} could load the model: ${refused.map(({ reason }) => reason).join("; ")}`,
  );
}

/** A graph of a fixed batch gets black frames up to it; their descriptors are dropped again. */
function frameTensor({ frames, count, shape }: FrameBatch): Tensor {
  const rows = input.batch ?? count;
  if (count > rows) throw new Error(`${count} frames at once: the model takes ${rows}`);
  let data = frames;
  if (rows > count) {
    data = new Uint8Array(rows * frameBytesOf(shape));
    data.set(frames);
  }
  return new Tensor("uint8", data, [rows, shape.height, shape.width, 3]);
}

async function embed(batch: FrameBatch): Promise<Float32Array> {
  if (!sessions) throw new Error("the model is not loaded");
  const { model, before, after } = sessions;
  const { view } = batch.shape;
  const frames = frameTensor(batch);
  const rows = frames.dims[0];
  const feeds: Record<string, Tensor> = { [input.name]: before ? await before(frames) : frames };
  if (input.view && view) feeds[input.view] = new Tensor("float32", Float32Array.from(view), [2, 3]);
  const raw = (await model.run(feeds, [output.name]))[output.name];
  if (raw?.type !== "float32" || raw.dims.join("×") !== `${rows}×${output.dims}`)
    throw new Error(
      `the model gave ${raw?.type} ${raw?.dims.join("×")}, its manifest says float32 n×${output.dims}`,
    );
  const vectors = (after ? await after(raw) : raw).data as Float32Array;
  return vectors.slice(0, batch.count * output.dims);
}

serveOperations({
  start: async () => ({ output: await start() }),
  embed: async (batch: FrameBatch) => {
    const vectors = await embed(batch);
    return { output: vectors, transfer: [vectors.buffer as ArrayBuffer] };
  },
});
