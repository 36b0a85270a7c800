// The two indexes that the benchmark drives, through the port alone.

import { join } from "node:path";
import { EmbeddedIndex } from "../../gpu-backend/src/index/embedded/embedded-index.ts";
import type { VectorIndex } from "../../gpu-backend/src/index/vector-index.ts";
import { DIMS } from "./frames.ts";

export const LIBRARY = "bench/default";
const MODEL = { id: "synthetic", version: "1" };

export interface IndexChoice {
  kind: string;
  /** Of the embedded index: holds its file. */
  folder: string;
  qdrantUrl: string | undefined;
}

export async function openIndex({ kind, folder }: IndexChoice): Promise<VectorIndex> {
  if (kind === "embedded")
    return EmbeddedIndex.open({
      file: join(folder, "index.sqlite"),
      model: MODEL,
      dims: DIMS,
      maxBytes: 64e9,
    });
  throw new Error(`--index is embedded, not ${kind}`);
}
