// Holds the ONNX session. `session.run()` blocks its thread, which is why this is a worker.

import { workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { serveOperations } from "../worker-operations.ts";
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

const { manifest, graph, executionProviders, threads } = workerData as InferenceWorkerData;
let session: InferenceSession | undefined;

/** Asking ONNX Runtime for a provider that is absent throws and nothing falls back by itself, so we do. */
async function start(): Promise<InferenceStarted> {
  const refused: InferenceStarted["refused"] = [];
  for (const executionProvider of executionProviders) {
    try {
      session = await InferenceSession.create(graph, {
        executionProviders: [executionProvider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      });
      return { executionProvider, refused };
    } catch (error) {
      refused.push({ executionProvider, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  throw new Error(
    `none of the execution providers ${executionProviders.join(", ")} could load the model: ${refused.map(({ reason }) => reason).join("; ")}`,
  );
}

async function embed({ frames, count }: { frames: Uint8Array; count: number }): Promise<Float32Array> {
  if (!session) throw new Error("the model is not loaded");
  const { width, height } = manifest.input;
  const input = new Tensor("uint8", frames, [count, height, width, 3]);
  const output = (await session.run({ [manifest.input.name]: input }))[manifest.output.name];
  const dims = output?.dims.join("×");
  if (!(output?.data instanceof Float32Array) || dims !== `${count}×${manifest.output.dims}`)
    throw new Error(
      `the model gave ${output?.type} ${dims}, its manifest says float32 n×${manifest.output.dims}`,
    );
  return new Float32Array(output.data);
}

serveOperations({
  start: async () => ({ output: await start() }),
  embed: async (input: { frames: Uint8Array; count: number }) => {
    const output = await embed(input);
    return { output, transfer: [output.buffer as ArrayBuffer] };
  },
});
