// A part of a real Qdrant server for one test: collections under a prefix of their own, removed at the end.

import { randomBytes } from "node:crypto";
import { QdrantClient } from "@qdrant/js-client-rest";
import { DEFAULT_QDRANT_SETTINGS } from "../src/index/qdrant/settings.ts";

/** Such as http://127.0.0.1:6333; empty where there is no server to test against. */
export const QDRANT_URL = process.env.QDRANT_URL ?? "";

/** Against a cluster: how its collections are made. */
const LAYOUT = {
  shards: Number(process.env.QDRANT_SHARDS ?? 1),
  replicas: Number(process.env.QDRANT_REPLICAS ?? 1),
  writeConsistency: Number(process.env.QDRANT_WRITE_CONSISTENCY ?? 1),
};

export const randomPrefix = () => `test-${randomBytes(5).toString("hex")}`;

export async function removeCollections(url: string, prefix: string): Promise<void> {
  const client = new QdrantClient({ url, checkCompatibility: false });
  for (const { name } of (await client.getCollections()).collections)
    if (name.startsWith(prefix)) await client.deleteCollection(name);
}

export function temporarySpace(url: string) {
  const prefix = randomPrefix();
  return {
    prefix,
    client: new QdrantClient({ url, checkCompatibility: false }),
    settings: { ...DEFAULT_QDRANT_SETTINGS, ...LAYOUT, url, prefix },
    remove: () => removeCollections(url, prefix),
  };
}
