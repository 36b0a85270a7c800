// What others and crashes may leave on the server, and what is seen of it. With QDRANT_URL, as qdrant-index.test.ts.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IndexStore } from "../src/index/index-store.ts";
import { Connection } from "../src/index/qdrant/connection.ts";
import { CurrentEntries } from "../src/index/qdrant/current-entries.ts";
import { FramePoints } from "../src/index/qdrant/frame-points.ts";
import { sweepFrames } from "../src/index/qdrant/optimise.ts";
import { openQdrantStore } from "../src/index/qdrant/qdrant-store.ts";
import { ReferencePoints } from "../src/index/qdrant/reference-points.ts";
import type { VectorIndex } from "../src/index/vector-index.ts";
import { driftingVectors, entryOf, trackOf } from "../src/testing-tracks.ts";
import { hitsOf } from "./index-under-test.ts";
import { QDRANT_URL, temporarySpace } from "./qdrant-space.ts";

const DIMS = 32;
const LIBRARY = "tenant/default";
const TWO_HOURS_S = 7_200;

describe.skipIf(QDRANT_URL === "")("entries on Qdrant", () => {
  let space: ReturnType<typeof temporarySpace>;
  let indexStores: IndexStore[];
  let index: VectorIndex;
  let connection: Connection;
  let frames: FramePoints;
  const names = () => ({
    frames: `${space.prefix}_main_frames`,
    references: `${space.prefix}_main_references`,
  });
  const track = (seed: number, length = 10) => trackOf(driftingVectors(seed, length, DIMS), DIMS);
  const first = ({ vectors }: { vectors: Float32Array }) => vectors.slice(0, DIMS);
  const frameCount = async () => (await space.client.count(names().frames, { exact: true })).count;

  async function another(): Promise<VectorIndex> {
    const indexStore = await openQdrantStore(space.settings);
    indexStores.push(indexStore);
    await indexStore.create({
      name: "main",
      model: { id: "test", version: "1" },
      manifest: "test",
      dims: DIMS,
    });
    return indexStore.open("main");
  }

  it("lists the backends under its prefix, and refuses one with another consistency", async () => {
    await another();
    const [indexStore] = indexStores as [IndexStore];
    expect(await indexStore.writers()).toHaveLength(2);
    const otherwise = { ...space.settings, replicas: space.settings.replicas + 1 };
    await expect(openQdrantStore(otherwise)).rejects.toThrow(/TWINFRAME_QDRANT_REPLICAS.*another prefix/);
    await indexStores.pop()?.close();
    expect(await indexStore.writers()).toHaveLength(1);
  });

  beforeEach(async () => {
    space = temporarySpace(QDRANT_URL);
    indexStores = [];
    index = await another();
    connection = new Connection(space.settings);
    frames = new FramePoints(connection, names().frames, DIMS);
  });
  afterEach(async () => {
    for (const indexStore of indexStores) await indexStore.close();
    await space.remove();
  });

  it("finds no frames of an interrupted upload, lets them take no place, and sweeps them", async () => {
    const [a, lost] = [track(1), track(2, 30)];
    await index.upsertReference(entryOf("a", a));
    await index.upsertReference(entryOf("a", track(9), { library: "tenant/other" }));
    await frames.write(LIBRARY, "f".repeat(26), lost.vectors);
    const hits = hitsOf(await index.searchBatch(LIBRARY, first(lost), 10), 0);
    expect(hits).toHaveLength(10);
    expect(new Set(hits.map(({ id }) => id))).toEqual(new Set(["a"]));
    expect(await index.stats()).toMatchObject({ references: 2, frames: 20 });
    // An hour later it can be nobody's upload any more.
    await index.optimise();
    expect(await frameCount()).toBe(50);
    const current = new CurrentEntries(connection, names().references);
    expect(
      await sweepFrames(
        { connection, collection: names().frames, frames, current },
        Date.now() / 1000 + TWO_HOURS_S,
      ),
    ).toBe(1);
    expect(await frameCount()).toBe(20);
  });

  it("finishes an interrupted delete, and an upload that comes instead of it", async () => {
    const references = new ReferencePoints(connection, names().references);
    const cutOff = async (id: string) => {
      await index.upsertReference(entryOf(id, track(3)));
      const head = await references.head(LIBRARY, id);
      if (head) await references.bury(LIBRARY, id, head);
    };
    await cutOff("a");
    expect(await index.getReference(LIBRARY, "a")).toBeNull();
    expect(await index.stats()).toMatchObject({ references: 0, frames: 0 });
    expect(await index.listReferences(null, 10)).toEqual([]);
    expect(hitsOf(await index.searchBatch(LIBRARY, first(track(3)), 5), 0)).toEqual([]);
    expect((await index.descriptorsOf(LIBRARY, ["a"])).size).toBe(0);
    expect(await index.deleteReference(LIBRARY, "a")).toBe(false);
    expect(await frameCount()).toBe(0);
    await cutOff("b");
    await index.upsertReference(entryOf("b", track(3)));
    expect(hitsOf(await index.searchBatch(LIBRARY, first(track(3)), 50), 0)).toHaveLength(10);
    expect(await frameCount()).toBe(10);
  });

  it("ends with one whole entry when two processes write the same reference again and again", async () => {
    const other = await another();
    const write = async (of: VectorIndex, who: string, length: number) => {
      for (let i = 0; i < 4; i++) {
        await of.upsertReference(entryOf("a", track(i, length), { jobId: `job_${who}_${i}` }));
        if (i === 2) await of.deleteReference(LIBRARY, "a");
      }
    };
    await Promise.all([write(index, "one", 20), write(other, "two", 7)]);
    const { jobId, sampledFrames } = (await index.getReference(LIBRARY, "a")) ?? {};
    expect(jobId).toMatch(/^job_(one|two)_3$/);
    expect(sampledFrames).toBe(jobId === "job_one_3" ? 20 : 7);
    expect(hitsOf(await index.searchBatch(LIBRARY, first(track(3)), 100), 0)).toHaveLength(
      sampledFrames ?? 0,
    );
    expect(await frameCount()).toBe(sampledFrames);
  });

  it("finds a reference whole, the old or the new, at every moment while it is replaced", async () => {
    const other = await another();
    await index.upsertReference(entryOf("a", track(1, 8)));
    let isWriting = true;
    const writing = (async () => {
      for (let i = 0; i < 8; i++) await index.upsertReference(entryOf("a", track(1, i % 2 ? 8 : 16)));
      isWriting = false;
    })();
    const seen = new Set<number>();
    while (isWriting) seen.add(hitsOf(await other.searchBatch(LIBRARY, first(track(1)), 40), 0).length);
    await writing;
    expect([...seen].filter((length) => length !== 8 && length !== 16)).toEqual([]);
  });

  it("does not bring back what an interrupted drop has left", async () => {
    await index.upsertReference(entryOf("a", track(1)));
    const aliases = ["frames", "references"].flatMap((part) => [`main_${part}`, `_live_${part}`]);
    await space.client.updateCollectionAliases({
      actions: aliases.map((name) => ({ delete_alias: { alias_name: `${space.prefix}_${name}` } })),
    });
    for (const part of ["frames", "references"]) {
      const metadata = {
        generation: "main",
        model: { id: "test", version: "1" },
        manifest: "test",
        dims: DIMS,
      };
      const createdAt = new Date(Date.now() - TWO_HOURS_S * 1000).toISOString();
      await space.client.updateCollection(`${space.prefix}_main_${part}_1`, {
        metadata: { twinframe: { ...metadata, createdAt } },
      });
    }
    expect(await (await another()).stats()).toMatchObject({ references: 0 });
  });

  it("is unavailable, rather than empty, when a collection is missing", async () => {
    await index.upsertReference(entryOf("a", track(1)));
    await space.client.deleteCollection(`${space.prefix}_main_frames_1`);
    await expect(index.searchBatch(LIBRARY, first(track(1)), 5)).rejects.toMatchObject({
      code: "index_unavailable",
    });
    await space.client.deleteCollection(`${space.prefix}_main_references_1`);
    const asked = [
      () => index.getReference(LIBRARY, "a"),
      () => index.findByPackets(LIBRARY, "0".repeat(64)),
      () => index.descriptorsOf(LIBRARY, ["a"]),
      () => index.stats(),
      () => index.upsertReference(entryOf("a", track(1))),
    ];
    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code: "index_unavailable" });
  });
});
