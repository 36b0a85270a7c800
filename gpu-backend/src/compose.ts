// Wires the stages and adapters to one another. Everything that starts here is stopped by close().

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startAligner } from "./align/aligner.ts";
import type { Config } from "./config.ts";
import { type Embedder, startEmbedder } from "./descriptor/embedder.ts";
import { loadModel } from "./descriptor/manifest.ts";
import { EmbeddedIndex } from "./index/embedded/embedded-index.ts";
import type { VectorIndex } from "./index/vector-index.ts";
import { warmUpDecoder } from "./media/index.ts";
import type { Stages } from "./pipeline/stages.ts";
import {
  createLinkStore,
  createVideoStore,
  type ObjectStore,
  removeLeftoverVideos,
  type VideoStore,
} from "./storage/index.ts";
import { DEFAULT_POLICY } from "./verdict/policy.ts";

export interface Composition {
  stages: Stages;
  store: VideoStore;
  /** Null where no buckets are configured. */
  objects: ObjectStore | null;
  /** Where fetched videos lie while they are analysed. */
  videoDirectory: string;
  close(): Promise<void>;
}

export type StageSettings = Pick<
  Config,
  | "stateDirectory"
  | "modelManifest"
  | "executionProviders"
  | "maxBatchFrames"
  | "sampling"
  | "search"
  | "limits"
  | "indexMaxBytes"
>;

/** The pipeline alone, without network: what the service, the evaluation and the benchmarks all run. */
export async function composeStages(
  settings: StageSettings,
): Promise<{ stages: Stages; close(): Promise<void> }> {
  const embedder: Embedder = await startEmbedder(await loadModel(settings.modelManifest), settings);
  const { id, version, output, calibration } = embedder.manifest;
  let index: VectorIndex;
  try {
    index = await EmbeddedIndex.open({
      file: join(settings.stateDirectory, "index.sqlite"),
      model: { id, version },
      dims: output.dims,
      maxBytes: settings.indexMaxBytes,
    });
  } catch (error) {
    await embedder.close();
    throw error;
  }
  const aligner = startAligner({ dims: output.dims, calibration });
  const { sampling, search, limits } = settings;
  return {
    stages: { embedder, index, aligner, policy: DEFAULT_POLICY, limits, sampling, search },
    close: async () => {
      await Promise.all([embedder.close(), index.close(), aligner.close()]);
    },
  };
}

/** The S3 client takes memory and time to load: only where buckets are configured. */
const objectStoreModule = () => import("./storage/object-store.ts");

export async function compose(config: Config): Promise<Composition> {
  const videoDirectory = join(config.stateDirectory, "videos");
  await mkdir(videoDirectory, { recursive: true });
  await removeLeftoverVideos(videoDirectory);
  const objects =
    config.s3.buckets.length > 0
      ? (await objectStoreModule()).createObjectStore({ ...config.s3, allowedBuckets: config.s3.buckets })
      : null;
  const store = createVideoStore(createLinkStore({ allowedOrigins: config.objectOrigins }), objects);
  const { stages, close } = await composeStages(config);
  await warmUpDecoder();
  return {
    stages,
    store,
    objects,
    videoDirectory,
    close: async () => {
      objects?.close();
      await close();
    },
  };
}
