// Wires the stages and adapters to one another. Everything that starts here is stopped by close().

import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { Generations } from "./generations/generations.ts";
import { Models } from "./generations/model-of-generation.ts";
import { openEmbeddedStore } from "./index/embedded/embedded-store.ts";
import type { IndexStore } from "./index/index-store.ts";
import { chooseSandbox, type Sandbox, warmUpDecoder } from "./media/index.ts";
import type { Stages } from "./pipeline/stages.ts";
import { lockState, type StateLock } from "./state-lock.ts";
import {
  createLinkStore,
  createVideoStore,
  type ObjectStore,
  removeLeftoverVideos,
  type VideoStore,
} from "./storage/index.ts";
import { DEFAULT_POLICY } from "./verdict/policy.ts";

export interface Composition {
  generations: Generations;
  store: VideoStore;
  /** Null where no buckets are configured. */
  objects: ObjectStore | null;
  /** What stands around ffmpeg. */
  sandbox: Sandbox;
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
> &
  Partial<Pick<Config, "index" | "qdrant">>;

/** Qdrant's client takes memory and time to load: only where it is chosen. */
async function openStore({
  stateDirectory,
  indexMaxBytes,
  index,
  qdrant,
}: StageSettings): Promise<IndexStore> {
  if (index === "qdrant" && qdrant) {
    const { openQdrantStore } = await import("./index/qdrant/qdrant-store.ts");
    return openQdrantStore(qdrant);
  }
  return openEmbeddedStore({ folder: stateDirectory, maxBytes: indexMaxBytes });
}

async function composeGenerations(settings: StageSettings): Promise<Generations> {
  const { sampling, search, limits } = settings;
  const models = await Models.open(settings.modelManifest);
  const indexStore = await openStore(settings);
  try {
    const stages = { policy: DEFAULT_POLICY, limits, sampling, search };
    return await Generations.start({ indexStore, models, embedding: settings, stages });
  } catch (error) {
    await indexStore.close();
    throw error;
  }
}

/** The pipeline alone, without network: what the evaluation and the benchmarks run, on the live generation. */
export async function composeStages(
  settings: StageSettings,
): Promise<{ stages: Stages; close(): Promise<void> }> {
  const generations = await composeGenerations(settings);
  return { stages: generations.latest, close: () => generations.close() };
}

/** The S3 client takes memory and time to load: only where buckets are configured. */
const objectStoreModule = () => import("./storage/object-store.ts");

/** Throws, with what to do, while another backend is at work on the state folder. */
export async function compose(config: Config): Promise<Composition> {
  const lock = lockState(config.stateDirectory);
  try {
    return await composeLocked(config, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function composeLocked(config: Config, lock: StateLock): Promise<Composition> {
  const videoDirectory = join(config.stateDirectory, "videos");
  const sandbox = await chooseSandbox(config.mediaSandbox, config.sampling.hwaccel !== undefined);
  // Its files may be read by the user that ffmpeg runs as, so nobody else gets in; the folder may be an old one.
  await mkdir(videoDirectory, { recursive: true });
  await chmod(videoDirectory, 0o700);
  await removeLeftoverVideos(videoDirectory);
  const objects =
    config.s3.buckets.length > 0
      ? (await objectStoreModule()).createObjectStore({ ...config.s3, allowedBuckets: config.s3.buckets })
      : null;
  const store = createVideoStore(createLinkStore({ allowedOrigins: config.objectOrigins }), objects);
  const generations = await composeGenerations({ ...config, limits: { ...config.limits, sandbox } });
  await warmUpDecoder();
  return {
    generations,
    store,
    objects,
    sandbox,
    videoDirectory,
    close: async () => {
      objects?.close();
      await generations.close();
      lock.release();
    },
  };
}
