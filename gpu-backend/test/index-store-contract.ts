// What every IndexStore must do. Each implementation's test file calls this with a way to open it.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IndexStore } from "../src/index/index-store.ts";
import type { VectorIndex } from "../src/index/vector-index.ts";
import { driftingVectors, entryOf, leastCosine, trackOf } from "../src/testing-tracks.ts";
import { hitsOf } from "./index-under-test.ts";

export interface StoreUnderTest {
  kind: IndexStore["kind"];
  dims: number;
  /** Another instance on the same store, as another process has it. Closed by the contract. */
  open(): Promise<IndexStore>;
  /** Harms a snapshot where it lies, behind the index store's back. */
  damageSnapshot(id: string): Promise<void>;
  remove(): Promise<void>;
}

const MODEL = { id: "test", version: "1" };
const NEW_MODEL = { id: "test", version: "2" };
const LIBRARY = "tenant/default";

export function indexStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} as an index store`, () => {
    let under: StoreUnderTest;
    let indexStore: IndexStore;
    let opened: IndexStore[];

    const another = async () => {
      const instance = await under.open();
      opened.push(instance);
      return instance;
    };
    const generation = (called: string, model = MODEL) => ({
      name: called,
      model,
      manifest: "test-model",
      dims: under.dims,
    });
    const track = (seed: number, frames = 12) =>
      trackOf(driftingVectors(seed, frames, under.dims), under.dims);
    const named = async (of: IndexStore, called: string) =>
      (await of.generations()).find((one) => one.name === called);
    const liveOf = async (of: IndexStore) =>
      (await of.generations()).filter(({ isLive }) => isLive).map((one) => one.name);
    const listed = async (index: VectorIndex) =>
      (await index.listReferences(null, 100)).map(({ id, jobId, frames }) => ({ id, jobId, frames }));

    beforeEach(async () => {
      under = await make();
      opened = [];
      indexStore = await another();
      await indexStore.create(generation("one"));
      await indexStore.switchTo("one");
    });
    afterEach(async () => {
      for (const instance of opened) await instance.close();
      await under.remove();
    });

    it("lists a generation in every instance", async () => {
      expect(indexStore.kind).toBe(under.kind);
      for (const of of [indexStore, await another()]) {
        const one = await named(of, "one");
        expect(one).toMatchObject({ ...generation("one"), isLive: true });
        expect(Date.parse(one?.createdAt ?? "")).toBeGreaterThan(Date.now() - 600_000);
      }
    });

    it("creates a generation once, and never with another model or other dimensions", async () => {
      await (await indexStore.open("one")).upsertReference(entryOf("a", track(1)));
      await indexStore.create(generation("one"));
      expect(await listed(await indexStore.open("one"))).toHaveLength(1);
      await expect(indexStore.create(generation("one", NEW_MODEL))).rejects.toMatchObject({
        code: "model_mismatch",
      });
      await expect(indexStore.create({ ...generation("one"), dims: under.dims * 2 })).rejects.toMatchObject({
        code: "model_mismatch",
      });
      expect(await named(indexStore, "one")).toMatchObject(generation("one"));
    });

    it("opens a generation once and keeps generations apart", async () => {
      await indexStore.create(generation("two", NEW_MODEL));
      const one = await indexStore.open("one");
      const two = await indexStore.open("two");
      expect(await indexStore.open("one")).toBe(one);
      expect([one.model, two.model, two.dims]).toEqual([MODEL, NEW_MODEL, under.dims]);
      await one.upsertReference(entryOf("a", track(1)));
      await two.upsertReference(entryOf("a", track(2, 5), { jobId: "job_two" }));
      expect(await listed(one)).toEqual([{ id: "a", jobId: "job_a", frames: 12 }]);
      expect(await listed(two)).toEqual([{ id: "a", jobId: "job_two", frames: 5 }]);
      await expect(indexStore.open("three")).rejects.toMatchObject({ code: "generation_not_found" });
    });

    it("switches and switches back, seen by an instance that was open before", async () => {
      const other = await another();
      await indexStore.create(generation("two", NEW_MODEL));
      expect(await liveOf(indexStore)).toEqual(["one"]);
      await indexStore.switchTo("two");
      expect(await liveOf(indexStore)).toEqual(["two"]);
      await expect.poll(() => liveOf(other), { timeout: 10_000 }).toEqual(["two"]);
      await other.switchTo("one");
      expect(await liveOf(other)).toEqual(["one"]);
      await expect.poll(() => liveOf(indexStore), { timeout: 10_000 }).toEqual(["one"]);
      await expect(indexStore.switchTo("three")).rejects.toMatchObject({ code: "generation_not_found" });
      expect(await liveOf(indexStore)).toEqual(["one"]);
    });

    it("drops a generation that is not live, and nothing else", async () => {
      await indexStore.create(generation("two", NEW_MODEL));
      await (await indexStore.open("one")).upsertReference(entryOf("a", track(1)));
      await (await indexStore.open("two")).upsertReference(entryOf("a", track(2)));
      await expect(indexStore.drop("one")).rejects.toMatchObject({ code: "generation_live" });
      await indexStore.drop("two");
      await indexStore.drop("two");
      expect(await named(indexStore, "two")).toBeUndefined();
      expect(await named(await another(), "two")).toBeUndefined();
      await expect(indexStore.open("two")).rejects.toMatchObject({ code: "generation_not_found" });
      expect(await listed(await indexStore.open("one"))).toHaveLength(1);
      // Made anew it is empty, and may be of another model.
      await indexStore.create(generation("two"));
      expect(await listed(await indexStore.open("two"))).toEqual([]);
    });

    it("finds in a second instance what the first one wrote", async () => {
      const a = track(1);
      await (await indexStore.open("one")).upsertReference(entryOf("a", a));
      await indexStore.close();
      opened.splice(opened.indexOf(indexStore), 1);
      const index = await (await another()).open("one");
      const hits = hitsOf(await index.searchBatch(LIBRARY, a.vectors.slice(0, under.dims), 1), 0);
      expect(hits).toMatchObject([{ id: "a", frame: 0 }]);
    });

    it("takes a snapshot once, lists it everywhere and deletes it", async () => {
      const index = await indexStore.open("one");
      await index.upsertReference(entryOf("a", track(1)));
      await index.upsertReference(entryOf("b", track(2)));
      const taken = await indexStore.takeSnapshot("snap_1", "one");
      expect(taken).toMatchObject({ id: "snap_1", generation: "one", model: MODEL, references: 2 });
      expect(taken.bytes).toBeGreaterThan(0);
      await index.deleteReference(LIBRARY, "b");
      expect(await indexStore.takeSnapshot("snap_1", "one")).toEqual(taken);
      await indexStore.takeSnapshot("snap_2", "one");
      const other = await another();
      expect((await other.snapshots()).map(({ id }) => id).sort()).toEqual(["snap_1", "snap_2"]);
      expect((await other.snapshots()).find(({ id }) => id === "snap_1")).toEqual(taken);
      expect(await other.deleteSnapshot("snap_1")).toBe(true);
      expect(await indexStore.deleteSnapshot("snap_1")).toBe(false);
      expect((await indexStore.snapshots()).map(({ id }) => id)).toEqual(["snap_2"]);
      await expect(indexStore.takeSnapshot("snap_3", "three")).rejects.toMatchObject({
        code: "generation_not_found",
      });
    });

    it("restores the content of an open index and of one that is opened later", async () => {
      const index = await indexStore.open("one");
      const [a, b] = [track(1), track(2)];
      await index.upsertReference(entryOf("a", a));
      await index.upsertReference(entryOf("b", b));
      const before = await listed(index);
      await index.assignTo("a".repeat(32));
      const then = await index.standing(LIBRARY);
      await indexStore.takeSnapshot("snap_1", "one");
      await index.deleteReference(LIBRARY, "a");
      await index.upsertReference(entryOf("b", track(3, 4), { jobId: "job_later" }));
      await index.upsertReference(entryOf("c", track(4)));
      await indexStore.restoreSnapshot("snap_1", "one");
      for (const restored of [await indexStore.open("one"), await (await another()).open("one")]) {
        expect(await listed(restored)).toEqual(before);
        expect(await restored.stats()).toMatchObject({ references: 2, frames: 24 });
        const kept = (await restored.descriptorsOf(LIBRARY, ["b"])).get("b");
        expect(leastCosine(kept?.vectors ?? new Float32Array(0), b.vectors, under.dims)).toBeGreaterThan(
          0.9999,
        );
        const query = a.vectors.slice(3 * under.dims, 4 * under.dims);
        const hits = hitsOf(await restored.searchBatch(LIBRARY, query, 100), 0);
        expect(hits[0]).toMatchObject({ id: "a", frame: 3, similarity: expect.closeTo(1, 3) });
        expect(hits.map(({ id }) => id).sort()).toEqual([...Array(12).fill("a"), ...Array(12).fill("b")]);
      }
      expect(await liveOf(indexStore)).toEqual(["one"]);
      // It is nobody's, and as often written as it was.
      const standing = await (await indexStore.open("one")).standing(LIBRARY);
      expect(standing).toEqual({ ...then, installation: null });
      // And takes writes again, and may be restored again.
      await (await indexStore.open("one")).upsertReference(entryOf("d", track(5)));
      expect(await listed(await indexStore.open("one"))).toHaveLength(3);
      await indexStore.restoreSnapshot("snap_1", "one");
      expect(await listed(await indexStore.open("one"))).toEqual(before);
    });

    it("restores into another generation of the same model, and does not change the first", async () => {
      await indexStore.create(generation("copy"));
      await (await indexStore.open("one")).upsertReference(entryOf("a", track(1)));
      await indexStore.takeSnapshot("snap_1", "one");
      await (await indexStore.open("one")).upsertReference(entryOf("b", track(2)));
      await indexStore.restoreSnapshot("snap_1", "copy");
      expect(await listed(await indexStore.open("copy"))).toHaveLength(1);
      expect(await listed(await indexStore.open("one"))).toHaveLength(2);
      expect(await liveOf(indexStore)).toEqual(["one"]);
    });

    it("refuses a snapshot that is unknown, damaged or of another model, and changes nothing", async () => {
      await indexStore.create(generation("two", NEW_MODEL));
      const one = await indexStore.open("one");
      const two = await indexStore.open("two");
      await one.upsertReference(entryOf("a", track(1)));
      await two.upsertReference(entryOf("b", track(2)));
      await indexStore.takeSnapshot("snap_1", "one");
      await expect(indexStore.restoreSnapshot("snap_9", "one")).rejects.toMatchObject({
        code: "snapshot_not_found",
      });
      await expect(indexStore.restoreSnapshot("snap_1", "two")).rejects.toMatchObject({
        code: "model_mismatch",
      });
      await expect(indexStore.restoreSnapshot("snap_1", "three")).rejects.toMatchObject({
        code: "generation_not_found",
      });
      await under.damageSnapshot("snap_1");
      await expect(indexStore.restoreSnapshot("snap_1", "one")).rejects.toMatchObject({
        code: "snapshot_damaged",
      });
      expect((await listed(await indexStore.open("one"))).map(({ id }) => id)).toEqual(["a"]);
      expect((await listed(await indexStore.open("two"))).map(({ id }) => id)).toEqual(["b"]);
      expect(await indexStore.deleteSnapshot("snap_1")).toBe(true);
    });

    it("keeps a snapshot of a generation that was dropped", async () => {
      await indexStore.create(generation("two"));
      await (await indexStore.open("two")).upsertReference(entryOf("a", track(1)));
      await indexStore.takeSnapshot("snap_1", "two");
      await indexStore.drop("two");
      expect((await indexStore.snapshots()).map(({ id }) => id)).toEqual(["snap_1"]);
      await indexStore.create(generation("again"));
      await indexStore.restoreSnapshot("snap_1", "again");
      expect((await listed(await indexStore.open("again"))).map(({ id }) => id)).toEqual(["a"]);
    });
  });
}
