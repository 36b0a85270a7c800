// The index stores that the command line names: `embedded[:STATE_FOLDER]`, `qdrant[:PREFIX]`; other settings are the
// backend's.

import type { Config } from "../config.ts";
import { openEmbeddedStore } from "../index/embedded/embedded-store.ts";
import type { IndexStore } from "../index/index-store.ts";
import { openQdrantStore } from "../index/qdrant/qdrant-store.ts";
import { lockState } from "../state-lock.ts";

export type StoreSettings = Pick<Config, "stateDirectory" | "indexMaxBytes" | "qdrant">;

export async function openStore(named: string, settings: StoreSettings): Promise<IndexStore> {
  const [kind, ...rest] = named.split(":");
  const where = rest.join(":");
  if (kind === "embedded") return openLocked(where || settings.stateDirectory, settings.indexMaxBytes);
  if (kind === "qdrant")
    return openQdrantStore({ ...settings.qdrant, prefix: where || settings.qdrant.prefix });
  throw new Error(`"${named}" is no index: name embedded, embedded:STATE_FOLDER, qdrant or qdrant:PREFIX`);
}

/** No backend may be at work on it meanwhile. */
async function openLocked(folder: string, maxBytes: number): Promise<IndexStore> {
  const lock = lockState(folder);
  try {
    const indexStore = await openEmbeddedStore({ folder, maxBytes });
    const close = indexStore.close.bind(indexStore);
    return Object.assign(indexStore, { close: () => close().finally(() => lock.release()) });
  } catch (error) {
    lock.release();
    throw error;
  }
}
