// The two indexes that the benchmark drives, through the port alone.

import { join } from "node:path";
import { EmbeddedIndex } from "@twinframe/gpu-backend/index/embedded/embedded-index";
import type { IndexStore } from "@twinframe/gpu-backend/index/index-store";
import { DEFAULT_QDRANT_SETTINGS } from "@twinframe/gpu-backend/index/qdrant/settings";
import type { VectorIndex } from "@twinframe/gpu-backend/index/vector-index";
import { DIMS } from "./frames.ts";

export const LIBRARY = "bench/default";
const MODEL = { id: "synthetic", version: "1" };
const GENERATION = "bench-1";

export interface IndexChoice {
  kind: string;
  /** Of the embedded index: holds its file. */
  folder: string;
  qdrantUrl: string | undefined;
}

export async function openIndex({ kind, folder, qdrantUrl }: IndexChoice): Promise<VectorIndex> {
  if (kind === "embedded")
    return EmbeddedIndex.open({
      file: join(folder, "index.sqlite"),
      model: MODEL,
      dims: DIMS,
      maxBytes: 64e9,
    });
  if (kind !== "qdrant" || !qdrantUrl)
    throw new Error("--index is embedded, or qdrant with --qdrant-url http://127.0.0.1:6333");
  const home = await openQdrant(qdrantUrl);
  await home.create({ name: GENERATION, model: MODEL, manifest: "none", dims: DIMS });
  return home.open(GENERATION);
}

/** Loaded only when it is asked for: the client takes time and memory. */
async function openQdrant(url: string): Promise<IndexStore> {
  const { openQdrantStore } = await import("@twinframe/gpu-backend/index/qdrant/qdrant-store");
  return openQdrantStore({ ...DEFAULT_QDRANT_SETTINGS, url, prefix: "bench" });
}
