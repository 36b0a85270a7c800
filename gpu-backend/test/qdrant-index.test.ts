// Against a real server: QDRANT_URL, such as http://127.0.0.1:6333. Each test makes collections under a prefix of
// its own and removes them.

import { describe, it } from "vitest";
import { openQdrantStore } from "../src/index/qdrant/qdrant-store.ts";
import { indexStoreContract } from "./index-store-contract.ts";
import { QDRANT_URL, temporarySpace } from "./qdrant-space.ts";
import { vectorIndexContract } from "./vector-index-contract.ts";

const DIMS = 32;

if (QDRANT_URL === "") {
  describe("the Qdrant index", () => {
    it.skip("needs a server: set QDRANT_URL", () => undefined);
  });
} else {
  vectorIndexContract("the Qdrant index", async () => {
    const { settings, remove } = temporarySpace(QDRANT_URL);
    return {
      dims: DIMS,
      open: async (model = { id: "test", version: "1" }, dims = DIMS) => {
        const indexStore = await openQdrantStore(settings);
        await indexStore.create({ name: "main", model, manifest: "test", dims });
        return indexStore.open("main");
      },
      remove,
    };
  });

  indexStoreContract("Qdrant", async () => {
    const { client, prefix, settings, remove } = temporarySpace(QDRANT_URL);
    return {
      kind: "qdrant" as const,
      dims: DIMS,
      open: () => openQdrantStore(settings),
      damageSnapshot: async () => {
        const { collections } = await client.getCollections();
        for (const { name } of collections) {
          if (!name.startsWith(`${prefix}_one_frames`)) continue;
          for (const snapshot of await client.listSnapshots(name))
            await client.deleteSnapshot(name, snapshot.name);
        }
      },
      remove: async () => {
        const indexStore = await openQdrantStore(settings);
        for (const { id } of await indexStore.snapshots()) await indexStore.deleteSnapshot(id);
        await remove();
      },
    };
  });
}
