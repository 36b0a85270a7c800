// The index homes that the command line names: `embedded[:STATE_FOLDER]`, `qdrant[:PREFIX]`; the rest is as the
// backend's environment says.

import type { Config } from "../config.ts";
import { openEmbeddedHome } from "../index/embedded/embedded-home.ts";
import type { IndexHome } from "../index/index-home.ts";
import { openQdrantHome } from "../index/qdrant/qdrant-home.ts";

export type HomeSettings = Pick<Config, "stateDirectory" | "indexMaxBytes" | "qdrant">;

export async function openHome(named: string, settings: HomeSettings): Promise<IndexHome> {
  const [kind, ...rest] = named.split(":");
  const where = rest.join(":");
  if (kind === "embedded")
    return openEmbeddedHome({ folder: where || settings.stateDirectory, maxBytes: settings.indexMaxBytes });
  if (kind === "qdrant")
    return openQdrantHome({ ...settings.qdrant, prefix: where || settings.qdrant.prefix });
  throw new Error(`"${named}" is no index: name embedded, embedded:STATE_FOLDER, qdrant or qdrant:PREFIX`);
}
