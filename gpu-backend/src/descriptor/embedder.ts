// The descriptor stage: frames in, L2-normalised vectors out.

import { availableParallelism } from "node:os";
import { ProblemError } from "@twinframe/shared/problem";
import { WorkerPort } from "../worker-port.ts";
import type { InferenceStarted, InferenceWorkerData } from "./inference-worker.ts";
import type { LoadedModel, ModelManifest } from "./manifest.ts";
import { MicroBatcher } from "./micro-batcher.ts";

export interface Embedder {
  readonly manifest: ModelManifest;
  readonly executionProvider: string;
  readonly refusedProviders: InferenceStarted["refused"];
  /** uint8 [count, height, width, 3] → float32 [count, dims]. Throws `backend_unavailable` if the model fails. */
  embed(frames: Uint8Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface EmbedderOptions {
  executionProviders: string[];
  maxBatchFrames: number;
}

export async function startEmbedder(model: LoadedModel, options: EmbedderOptions): Promise<Embedder> {
  const { manifest, graph } = model;
  const workerData: InferenceWorkerData = {
    manifest,
    graph,
    executionProviders: options.executionProviders,
    threads: availableParallelism(),
  };
  const worker = new WorkerPort(new URL("./inference-worker.ts", import.meta.url), workerData);
  const started = (await worker.call("start", null)) as InferenceStarted;
  const batcher = new MicroBatcher(
    async (frames, count) => (await worker.call("embed", { frames, count }, [frames.buffer])) as Float32Array,
    {
      frameBytes: manifest.input.width * manifest.input.height * 3,
      dims: manifest.output.dims,
      maxFrames: options.maxBatchFrames,
    },
  );
  return {
    manifest,
    executionProvider: started.executionProvider,
    refusedProviders: started.refused,
    embed: async (frames, count) => {
      try {
        return await batcher.embed(frames, count);
      } catch (cause) {
        throw new ProblemError("backend_unavailable", "The model could not be run; try again shortly.", {
          cause,
        });
      }
    },
    close: () => worker.close(),
  };
}
