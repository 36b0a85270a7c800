// The index homes that the command line names: `embedded[:STATE_FOLDER]`, `qdrant[:PREFIX]`; the rest is as the
// backend's environment says.

import type { Config } from "../config.ts";
import { openEmbeddedHome } from "../index/embedded/embedded-home.ts";
import type { IndexHome } from "../index/index-home.ts";
import { openQdrantHome } from "../index/qdrant/qdrant-home.ts";
import { lockState } from "../state-lock.ts";

export type HomeSettings = Pick<Config, "stateDirectory" | "indexMaxBytes" | "qdrant">;

export async function openHome(named: string, settings: HomeSettings): Promise<IndexHome> {
  const [kind, ...rest] = named.split(":");
  const where = rest.join(":");
  if (kind === "embedded") return openLocked(where || settings.stateDirectory, settings.indexMaxBytes);
  if (kind === "qdrant")
    return openQdrantHome({ ...settings.qdrant, prefix: where || settings.qdrant.prefix });
  throw new Error(`"${named}" is no index: name embedded, embedded:STATE_FOLDER, qdrant or qdrant:PREFIX`);
}

/** No backend may be at work on it meanwhile. */
async function openLocked(folder: string, maxBytes: number): Promise<IndexHome> {
  const lock = lockState(folder);
  try {
    const home = await openEmbeddedHome({ folder, maxBytes });
    const close = home.close.bind(home);
    return Object.assign(home, { close: () => close().finally(() => lock.release()) });
  } catch (error) {
    lock.release();
    throw error;
  }
}
