// The descriptor stage: frames in, L2-normalised vectors out.

import { availableParallelism } from "node:os";
import { ProblemError } from "@twinframe/shared/problem";
import { WorkerPort } from "../worker-port.ts";
import { type EmbedOptions, frameShapeOf } from "./frame-shape.ts";
import type { FrameBatch, InferenceStarted, InferenceWorkerData } from "./inference-worker.ts";
import type { LoadedModel, ModelManifest } from "./manifest.ts";
import { MicroBatcher } from "./micro-batcher.ts";

export interface Embedder {
  readonly manifest: ModelManifest;
  readonly executionProvider: string;
  readonly refusedProviders: InferenceStarted["refused"];
  /** Whether `embed` takes any view but the whole frame. */
  readonly supportsViews: boolean;
  /**
   * uint8 [count, height, width, 3] → float32 [count, dims], each of length 1. Throws `backend_unavailable` if
   * the model fails, and a plain error for a size or a view that the model does not take.
   */
  embed(frames: Uint8Array, count: number, options?: EmbedOptions): Promise<Float32Array>;
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
    async (frames, count, shape) =>
      (await worker.call("embed", { frames, count, shape } satisfies FrameBatch, [
        frames.buffer,
      ])) as Float32Array,
    { dims: manifest.output.dims, maxFrames: manifest.input.batch ?? options.maxBatchFrames },
  );
  return {
    manifest,
    executionProvider: started.executionProvider,
    refusedProviders: started.refused,
    supportsViews: manifest.input.view !== undefined,
    embed: async (frames, count, asked = {}) => {
      const shape = frameShapeOf(manifest.input, asked);
      try {
        return await batcher.embed(frames, count, shape);
      } catch (cause) {
        throw new ProblemError("backend_unavailable", "The model could not be run; try again shortly.", {
          cause,
        });
      }
    },
    close: () => worker.close(),
  };
}
